// What a bench does with a result that it cannot go on without: it says what was wrong and ends.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <assay/base/result.hpp>

template <class T>
T value_of(assay::Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.failure().message().c_str());
        std::exit(1);
    }
    return std::move(*result);
}
