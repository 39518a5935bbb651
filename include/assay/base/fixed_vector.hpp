// A list that has a stated limit, and its elements in place: it never allocates, so that a judge can hold it. Encoded as std::vector is
// (assay/base/encoding.hpp), where a longer list is refused (limit_exceeded). Spec: ENCODING-11.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <assay/base/check.hpp>

namespace assay {

// As much of std::vector as is needed, for cheap values. Growing beyond `limit` is a caller's mistake.
template <class T, std::size_t limit>
class FixedVector {
public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    constexpr FixedVector() = default;
    FixedVector(std::initializer_list<T> list) { insert(end(), list.begin(), list.end()); }
    FixedVector(const std::vector<T>& list) { insert(end(), list.begin(), list.end()); }
    template <std::forward_iterator Iterator>
    FixedVector(Iterator first, Iterator last)
    {
        insert(end(), first, last);
    }
    operator std::vector<T>() const { return {begin(), end()}; }

    static constexpr std::size_t capacity() { return limit; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    T* data() { return m_elements.data(); }
    [[nodiscard]] const T* data() const { return m_elements.data(); }
    iterator begin() { return data(); }
    iterator end() { return data() + m_size; }
    [[nodiscard]] const_iterator begin() const { return data(); }
    [[nodiscard]] const_iterator end() const { return data() + m_size; }
    // Requires, of these: an element that is there.
    T& operator[](std::size_t index) { return m_elements[index]; }
    const T& operator[](std::size_t index) const { return m_elements[index]; }
    T& front() { return m_elements[0]; }
    [[nodiscard]] const T& front() const { return m_elements[0]; }
    T& back() { return m_elements[m_size - 1]; }
    [[nodiscard]] const T& back() const { return m_elements[m_size - 1]; }

    T& emplace_back()
    {
        push_back(T{});
        return back();
    }
    void push_back(const T& value)
    {
        ASSAY_CHECK(m_size < limit);
        m_elements[m_size++] = value;
    }
    void pop_back()
    {
        ASSAY_CHECK(m_size > 0);
        --m_size;
    }
    void clear() { m_size = 0; }
    void resize(std::size_t size)
    {
        ASSAY_CHECK(size <= limit);
        for (std::size_t i = m_size; i < limit && i < size; ++i) m_elements[i] = T{};
        m_size = size;
    }
    void assign(std::size_t count, const T& value)
    {
        clear();
        for (std::size_t i = 0; i < count; ++i) push_back(value);
    }
    iterator insert(const_iterator place, const T& value) { return insert(place, &value, &value + 1); }
    // Requires: the inserted elements are not this list's own.
    template <std::forward_iterator Iterator>
    iterator insert(const_iterator place, Iterator first, Iterator last)
    {
        const auto index = static_cast<std::size_t>(place - begin()), count = static_cast<std::size_t>(std::distance(first, last));
        ASSAY_CHECK(count <= limit - m_size);
        std::copy(first, last, end());
        m_size += count;
        std::rotate(begin() + index, end() - count, end());
        return begin() + index;
    }

    friend bool operator==(const FixedVector& a, const FixedVector& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    std::size_t m_size = 0;
    std::array<T, limit> m_elements{};
};

// The same for a text.
template <std::size_t limit>
class FixedString {
public:
    FixedString() = default;
    FixedString(std::string_view text) : m_characters(text.begin(), text.end()) {}
    FixedString(const char* text) : FixedString(std::string_view{text}) {}
    FixedString(const std::string& text) : FixedString(std::string_view{text}) {}
    operator std::string_view() const { return {m_characters.data(), m_characters.size()}; }

    [[nodiscard]] std::size_t size() const { return m_characters.size(); }
    // Requires: both together are not longer than the limit.
    FixedString& operator+=(std::string_view more)
    {
        m_characters.insert(m_characters.end(), more.begin(), more.end());
        return *this;
    }

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.m_characters);
    }
    friend bool operator==(const FixedString&, const FixedString&) = default;

private:
    FixedVector<char, limit> m_characters;
};

} // namespace assay
