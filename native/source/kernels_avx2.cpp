#include "simd_avx2.h"

#define TIDEGATE_TABLE kernels_avx2
#define TIDEGATE_TABLE_NAME "avx2"
#include "table.h"
