#include "bench/peers.hpp"

#include <cstdint>
#include <dlfcn.h>
#include <iterator>

#ifdef ASSAY_HAS_EIGEN
#include <Eigen/Core>
#endif

namespace assay::bench {

namespace {

// A function of a library that is loaded apart from all others; null where it is not installed.
template <class Function>
Function* function_of(void* library, const char* name)
{
    return library == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(library, name));
}

void* load(const char* file)
{
    return dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
}

// The C interface that OpenBLAS and BLIS share: row-major is 101, as stored is 111, transposed 112.
using BlasMultiply = void(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);

Multiply through_blas(BlasMultiply* multiply)
{
    return [multiply](const Product& p, const float* left, const float* right, float* out) {
        multiply(101, p.transpose_left ? 112 : 111, p.transpose_right ? 112 : 111, p.rows, p.columns, p.depth, 1, left,
                 p.transpose_left ? p.rows : p.depth, right, p.transpose_right ? p.depth : p.columns, 0, out, p.columns);
    };
}

void add_blas(std::vector<Peer>& peers, const char* name, const char* file, const char* threads_name)
{
    void* library = load(file);
    auto* multiply = function_of<BlasMultiply>(library, "cblas_sgemm");
    auto* set_threads = function_of<void(int)>(library, threads_name);
    if (multiply != nullptr && set_threads != nullptr) peers.push_back({name, through_blas(multiply), set_threads});
}

void add_onednn(std::vector<Peer>& peers)
{
    using Function = int(char, char, std::int64_t, std::int64_t, std::int64_t, float, const float*, std::int64_t, const float*, std::int64_t,
                         float, float*, std::int64_t);
    auto* multiply = function_of<Function>(load("libdnnl.so.2"), "dnnl_sgemm");
    auto* set_threads = function_of<void(int)>(dlopen("libgomp.so.1", RTLD_NOW), "omp_set_num_threads");
    if (multiply == nullptr || set_threads == nullptr) return;
    peers.push_back({"onednn",
                     [multiply](const Product& p, const float* left, const float* right, float* out) {
                         multiply(p.transpose_left ? 'T' : 'N', p.transpose_right ? 'T' : 'N', p.rows, p.columns, p.depth, 1, left,
                                  p.transpose_left ? p.rows : p.depth, right, p.transpose_right ? p.depth : p.columns, 0, out, p.columns);
                     },
                     set_threads});
}

#ifdef ASSAY_HAS_EIGEN
void add_eigen(std::vector<Peer>& peers)
{
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using View = Eigen::Map<const Matrix>;
    peers.push_back({"eigen",
                     [](const Product& p, const float* left, const float* right, float* out) {
                         Eigen::Map<Matrix> product(out, p.rows, p.columns);
                         const View as_stored(left, p.rows, p.depth), left_turned(left, p.depth, p.rows);
                         const View right_stored(right, p.depth, p.columns), right_turned(right, p.columns, p.depth);
                         if (p.transpose_left) product.noalias() = left_turned.transpose() * right_stored;
                         else if (p.transpose_right) product.noalias() = as_stored * right_turned.transpose();
                         else product.noalias() = as_stored * right_stored;
                     },
                     [](int threads) { Eigen::setNbThreads(threads); }});
}
#endif

} // namespace

std::vector<Peer> peers()
{
    std::vector<Peer> found;
    add_blas(found, "openblas", "libopenblas.so.0", "openblas_set_num_threads");
    add_blas(found, "blis", "libblis.so.4", "bli_thread_set_num_threads");
    add_onednn(found);
#ifdef ASSAY_HAS_EIGEN
    add_eigen(found);
#endif
    return found;
}

} // namespace assay::bench
