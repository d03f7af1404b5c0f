#include "simd_avx512.h"

#define TIDEGATE_PRODUCTS products_avx512
#include "generate_table.h"
