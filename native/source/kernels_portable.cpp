#include "simd_portable.h"

#define TIDEGATE_TABLE kernels_portable
#define TIDEGATE_TABLE_NAME "portable"
#include "table.h"
