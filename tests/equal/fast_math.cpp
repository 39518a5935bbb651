// A library as hosts load them: linked with -ffast-math, it makes its loading thread and all that this one starts flush subnormal numbers (NUMERICS-22).
extern "C" float assay_equal_fast_math(float x)
{
    return x / 3.0F;
}
