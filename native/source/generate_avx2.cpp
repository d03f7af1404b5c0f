#include "simd_avx2.h"

#define TIDEGATE_PRODUCTS products_avx2
#include "generate_table.h"
