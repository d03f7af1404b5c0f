// The products of one instruction set: include after simd_*.h, once in each generate_*.cpp of a set, with
// TIDEGATE_PRODUCTS.
#include "generate_product.h"
#include "tile.h"

namespace tidegate {
namespace {

// Vectors of a panel: as many chains of additions as hide the time that one takes.
constexpr int most_vectors = Vec::registers == 32 ? 8 : 6;

// vector: of the panel's first row, in the order of all rows.
template <class Work>
inline void for_each_panel(int64_t rows, const Work &work) {
    const int64_t vectors = vectors_of(rows, Vec::width), panels = (vectors + most_vectors - 1) / most_vectors;
    for (int64_t p = 0; p < panels; ++p) {
        const int64_t first = vectors * p / panels;
        work(first, vectors * (p + 1) / panels - first);
    }
}

void pack_product(int64_t rows, int64_t columns, const float *matrix, float *packed) {
    for_each_panel(rows, [&](int64_t vector, int64_t vectors) {
        const int64_t first = vector * Vec::width, height = vectors * Vec::width;
        float *panel = packed + first * columns;
        for (int64_t i = 0; i < height; ++i) {
            const bool real = first + i < rows;
            const float *row = matrix + (first + i) * columns;
            for (int64_t k = 0; k < columns; ++k) panel[k * height + i] = real ? row[k] : 0.0f;
        }
    });
}

template <int N>
void run_panel(const float *panel, int64_t columns, const float *bias, const float *x, float *y) {
    Vec sums[N];
#pragma GCC unroll 8
    for (int j = 0; j < N; ++j) sums[j] = load(bias + j * Vec::width);
    for (int64_t k = 0; k < columns; ++k, panel += N * Vec::width) {
        const Vec value = broadcast(x[k]);
#pragma GCC unroll 8
        for (int j = 0; j < N; ++j) sums[j] = multiply_add(value, load(panel + j * Vec::width), sums[j]);
    }
#pragma GCC unroll 8
    for (int j = 0; j < N; ++j) store(y + j * Vec::width, sums[j]);
}

template <int Most>
void run_panel_of(int64_t vectors, const float *panel, int64_t columns, const float *bias, const float *x, float *y) {
    if (vectors == Most) {
        run_panel<Most>(panel, columns, bias, x, y);
    } else if constexpr (Most > 1) {
        run_panel_of<Most - 1>(vectors, panel, columns, bias, x, y);
    }
}

void run_product(int64_t rows, int64_t columns, const float *packed, const float *bias, const float *x, float *y) {
    for_each_panel(rows, [&](int64_t vector, int64_t vectors) {
        const int64_t first = vector * Vec::width;
        run_panel_of<most_vectors>(vectors, packed + first * columns, columns, bias + first, x, y + first);
    });
}

}  // namespace

extern const Products TIDEGATE_PRODUCTS = {Vec::width, pack_product, run_product};

}  // namespace tidegate
