// The table of one instruction set: include after simd_*.h, once in each kernels_*.cpp, with TIDEGATE_TABLE and
// TIDEGATE_TABLE_NAME.
#include "kernels.h"
// the kernels proper; all in an unnamed namespace, since code compiled for one set must not be merged with another's
#include "tile.h"

#include "activation.h"

#include "cell_elman.h"
#include "cell_gru.h"
#include "cell_lstm.h"
#include "packing.h"
#include "steps.h"

namespace tidegate {
namespace {

#define TIDEGATE_MAP(name, function)                                    \
    void name(int64_t count, const float *x, float *y) {                \
        for (int64_t i = 0; i < count; i += Vec::width) {               \
            const Mask mask = mask_of(count - i);                       \
            Vec values[1] = {load(x + i, mask)};                        \
            function(values);                                           \
            store(y + i, values[0], mask);                              \
        }                                                               \
    }

TIDEGATE_MAP(map_sigmoid, sigmoid)
TIDEGATE_MAP(map_tanh, tanh)

}  // namespace

extern const Kernels TIDEGATE_TABLE = {
    TIDEGATE_TABLE_NAME,
    Vec::width,
    {most_rows(4), most_rows(4), most_rows(4), most_rows(3)},
    most_rows(4),
    {forward_step<Elman<false>>, forward_step<Elman<true>>, forward_step<Lstm>, forward_step<Gru>},
    {backward_step<Elman<false>>, backward_step<Elman<true>>, backward_step<Lstm>, backward_step<Gru>},
    pack_forward,
    pack_backward,
    map_sigmoid,
    map_tanh,
};

}  // namespace tidegate
