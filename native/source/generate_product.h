// Matrix times vector, y = A·x + b: the output of a language model, one step at a time. No vectors here, as in kernels.h.
//
// Packed, A is cut into panels of rows; of each panel, column after column. So sums stand side by side in registers, and
// nothing is added up across a register.
#pragma once
#include <cstdint>

#include "kernels.h"

namespace tidegate {

struct Products {
    int64_t width;
    // A (rows, columns), without gaps, into `packed`: product_floats of them.
    void (*pack)(int64_t rows, int64_t columns, const float *matrix, float *packed);
    // `bias` and `y` have room for whole vectors of rows.
    void (*run)(int64_t rows, int64_t columns, const float *packed, const float *bias, const float *x, float *y);
};

extern const Products products_portable;
#ifdef TIDEGATE_X86
extern const Products products_avx2;
extern const Products products_avx512;
#endif

// Those of the instruction set in use.
const Products &products();

namespace {

inline int64_t product_rows(int64_t rows, int64_t width) { return vectors_of(rows, width) * width; }

inline int64_t product_floats(int64_t rows, int64_t columns, int64_t width) { return product_rows(rows, width) * columns; }

}  // namespace
}  // namespace tidegate
