#define TIDEGATE_CRF_WIDTH 8
#define TIDEGATE_CRF_TABLE crf_avx512
#define TIDEGATE_CRF_NAME "avx512"
#include "crf_kernel.h"
