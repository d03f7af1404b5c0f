#define TIDEGATE_CRF_WIDTH 2
#define TIDEGATE_CRF_TABLE crf_portable
#define TIDEGATE_CRF_NAME "portable"
#include "crf_kernel.h"
