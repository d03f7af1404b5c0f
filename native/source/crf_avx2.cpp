#define TIDEGATE_CRF_WIDTH 4
#define TIDEGATE_CRF_TABLE crf_avx2
#define TIDEGATE_CRF_NAME "avx2"
#include "crf_kernel.h"
