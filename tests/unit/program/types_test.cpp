// Shapes, types and the canonical form of tensors.
#include <doctest/doctest.h>

#include <assay/arith/binary32.hpp>
#include <assay/program/types.hpp>

using namespace assay;
using program::DataType;
using program::Shape;
using program::Tensor;
using program::TensorType;

TEST_CASE("PROGRAM-1 data types have their numbers, names and widths")
{
    CHECK(to_hex(encode(DataType::binary32)) == "00");
    CHECK(to_hex(encode(DataType::unsigned32)) == "01");
    CHECK(to_hex(encode(DataType::unsigned8)) == "02");
    const Bytes unknown{3};
    CHECK(decode<DataType>(unknown).error() == Error::not_canonical);
    CHECK(program::name_of(DataType::unsigned8) == "unsigned8");
    CHECK(program::width_of(DataType::binary32) == 4);
    CHECK(program::width_of(DataType::unsigned32) == 4);
    CHECK(program::width_of(DataType::unsigned8) == 1);
    CHECK(to_string(TensorType{DataType::unsigned32, Shape{2, 3}}) == "unsigned32 [2, 3]");
    CHECK(to_hex(encode(TensorType{DataType::unsigned32, Shape{2, 3}})) == "01020000000200000003000000");
}

TEST_CASE("PROGRAM-2 shapes are limited in rank and elements, and empty ones are refused")
{
    constexpr std::uint32_t million = 1U << 20;
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{0xffffffff}, Shape{million, million}, Shape{million, 1, million}, Shape{1, 1, 1, 1, 1, 1, 1, 1},
                               Shape{32, 32, 32, 32, 32, 32, 32, 32}, Shape{0xffffffff, 256}})
        CHECK_MESSAGE(validate(shape), to_string(shape));
    for (const Shape& shape : {Shape{0}, Shape{5, 0, 7}, Shape{million, million + 1}, Shape{0xffffffff, 257},
                               Shape{million, million, million}, Shape{million, million, 1U << 24}, Shape{million, million, 1U << 24, 5},
                               Shape{1U << 31, 1U << 31, 4}}) {
        REQUIRE_MESSAGE(!validate(shape), to_string(shape));
        CHECK(validate(shape).error() == Error::invalid_shape);
    }
    Bytes rank_9{9, 0, 0, 0};
    rank_9.resize(4 + 9 * 4, 1);
    CHECK(decode<Shape>(rank_9).error() == Error::limit_exceeded);
    rank_9[0] = 8;
    CHECK(decode<Shape>(ByteView{rank_9}.first(4 + 8 * 4)));
    CHECK(validate(Shape{5, 0}).failure().detail == "an extent of 0 in [5, 0]");
}

TEST_CASE("PROGRAM-3 elements are counted along the last axis first; a scalar has one")
{
    const Shape shape{2, 3, 5};
    CHECK(shape.elements() == 30);
    CHECK(shape.elements_from(1) == 15);
    CHECK(shape.elements_from(2) == 5);
    CHECK(shape.elements_from(3) == 1);
    CHECK(shape.last() == 5);
    CHECK(Shape{}.elements() == 1);
    CHECK(Shape{}.last() == 1);
    CHECK(TensorType{DataType::binary32, shape}.bytes() == 120);
    CHECK(TensorType{DataType::unsigned8, shape}.bytes() == 30);
}

TEST_CASE("PROGRAM-4 canonical bytes are little-endian, and what is not a number is 0x7fc00000")
{
    const std::vector<std::uint32_t> numbers{0x3f800000, 0xffc00001, 0x7f800001, 0x80000000};
    CHECK(to_hex(Tensor::from_elements({DataType::binary32, Shape{4}}, numbers).bytes()) == "0000803f0000c07f0000c07f00000080");
    CHECK(to_hex(Tensor::from_elements({DataType::unsigned32, Shape{2, 2}}, numbers).bytes()) == "0000803f0100c0ff0100807f00000080");
    const std::vector<std::uint32_t> bytes{1, 255};
    const Tensor small = Tensor::from_elements({DataType::unsigned8, Shape{2}}, bytes);
    CHECK(to_hex(small.bytes()) == "01ff");
    CHECK(small.element(1) == 255);
    CHECK(program::element_of(small.bytes().subspan(1), DataType::unsigned8, 0) == 255);
    CHECK(Tensor{{DataType::binary32, Shape{2}}}.element(1) == 0);
}

TEST_CASE("PROGRAM-5 only canonical bytes of the type's length are a tensor")
{
    const TensorType pair{DataType::binary32, Shape{2}};
    const auto accepted = Tensor::from_bytes(pair, *bytes_from_hex("0000803f0000c07f"));
    REQUIRE(accepted);
    CHECK(accepted->element(1) == arith::canonical_nan);
    CHECK(Tensor::from_bytes(pair, Bytes(7)).failure().message() == "invalid_shape: binary32 [2] takes 8 bytes, not 7");
    CHECK(Tensor::from_bytes(pair, Bytes(9)).error() == Error::invalid_shape);
    CHECK(Tensor::from_bytes({DataType::binary32, Shape{0}}, {}).error() == Error::invalid_shape);
    for (const char* nan : {"000000000100c07f", "000000000000c0ff", "000000000100807f", "00000000ffffffff"})
        CHECK(Tensor::from_bytes(pair, *bytes_from_hex(nan)).failure().message() == "not_canonical: element 1 is a NaN other than 0x7fc00000");
    CHECK(Tensor::from_bytes({DataType::unsigned32, Shape{2}}, *bytes_from_hex("00000000ffffffff")));
}
