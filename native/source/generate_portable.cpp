#include "simd_portable.h"

#define TIDEGATE_PRODUCTS products_portable
#include "generate_table.h"
