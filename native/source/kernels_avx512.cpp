#include "simd_avx512.h"

#define TIDEGATE_TABLE kernels_avx512
#define TIDEGATE_TABLE_NAME "avx512"
#include "table.h"
