// Runs along the innermost axis: copied, filled or strided.
#include "exec/kernels/views.hpp"

#include <algorithm>
#include <array>

namespace assay::exec {

namespace {

// Drops axes of extent 1 and joins an axis with the next one inwards where a step of the outer one is a whole turn of the inner one.
View merged(const std::vector<View::Axis>& axes, std::size_t offset)
{
    View view;
    view.offset = offset;
    for (const View::Axis& axis : axes) {
        if (axis.extent == 1) continue;
        if (!view.axes.empty() && view.axes.back().stride == axis.stride * axis.extent)
            view.axes.back() = {view.axes.back().extent * axis.extent, axis.stride};
        else view.axes.push_back(axis);
    }
    return view;
}

template <class From, class To>
void copy_elements(const View& view, const From* operand, Range range, To* out)
{
    std::array<std::size_t, program::rank_max> index{};
    std::size_t source = view.offset, rest = range.begin;
    for (std::size_t i = view.axes.size(); i-- > 0;) {
        index[i] = rest % view.axes[i].extent;
        rest /= view.axes[i].extent;
        source += index[i] * view.axes[i].stride;
    }
    if (view.axes.empty()) {
        std::fill(out, out + range.size(), static_cast<To>(operand[source]));
        return;
    }
    const std::size_t last = view.axes.size() - 1;
    const View::Axis inner = view.axes[last];
    for (std::size_t left = range.size(); left > 0;) {
        const std::size_t run = std::min(left, inner.extent - index[last]);
        if (inner.stride == 1) std::copy(operand + source, operand + source + run, out);
        else if (inner.stride == 0) std::fill(out, out + run, static_cast<To>(operand[source]));
        else
            for (std::size_t i = 0; i < run; ++i) out[i] = static_cast<To>(operand[source + i * inner.stride]);
        out += run;
        left -= run;
        source -= index[last] * inner.stride;
        index[last] = 0;
        for (std::size_t axis = last; axis-- > 0;) {
            source += view.axes[axis].stride;
            if (++index[axis] < view.axes[axis].extent) break;
            source -= view.axes[axis].extent * view.axes[axis].stride;
            index[axis] = 0;
        }
    }
}

} // namespace

View broadcast_view(const program::Shape& operand, const program::Shape& shape)
{
    std::vector<View::Axis> axes(shape.rank());
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) axes[axis].extent = shape[axis];
    const std::size_t added = shape.rank() - operand.rank();
    for (std::size_t axis = 0; axis < operand.rank(); ++axis)
        if (operand[axis] != 1) axes[added + axis].stride = operand.elements_from(axis + 1);
    return merged(axes, 0);
}

View permuted_view(const program::Shape& operand, const std::vector<std::uint32_t>& order)
{
    std::vector<View::Axis> axes;
    for (const std::uint32_t axis : order) axes.push_back({operand[axis], operand.elements_from(axis + 1)});
    return merged(axes, 0);
}

View sliced_view(const program::Shape& operand, const std::vector<std::uint32_t>& starts, const program::Shape& shape)
{
    std::vector<View::Axis> axes;
    std::size_t offset = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        axes.push_back({shape[axis], operand.elements_from(axis + 1)});
        offset += starts[axis] * axes.back().stride;
    }
    return merged(axes, offset);
}

void copy_view(const View& view, const Word* operand, Range range, Word* out)
{
    copy_elements(view, operand, range, out);
}

void copy_view(const View& view, const std::uint8_t* operand, Range range, Word* out)
{
    copy_elements(view, operand, range, out);
}

void copy_view(const View& view, const std::uint8_t* operand, Range range, std::uint8_t* out)
{
    copy_elements(view, operand, range, out);
}

} // namespace assay::exec
