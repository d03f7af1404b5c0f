// The C interface of generation: checks, and nothing of C++ gets out.
#include <algorithm>
#include <new>

#include "generate_model.h"
#include "generate_sampling.h"

using namespace tidegate;

namespace {

template <class Work>
int64_t guarded(const Work &work) {
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return TIDEGATE_NO_MEMORY;
    }
}

bool complete(const tidegate_generation_model *model) {
    if (!model || model->symbols < 1 || model->embedding_size < 1 || model->layers < 1) return false;
    if (!model->embedding || !model->layer || !model->output) return false;
    return std::all_of(model->layer, model->layer + model->layers, [](const tidegate_generation_layer &one) {
        return one.cell >= 0 && one.cell < cells && one.hidden >= 1 && one.input && one.recurrent;
    });
}

bool complete(const tidegate_sampling *sampling, int64_t symbols) {
    // Written so that NaN is refused.
    return sampling && symbols >= 1 && sampling->temperature >= 0 && sampling->top_p > 0 && sampling->top_p <= 1 &&
           sampling->top_k >= 0;
}

bool known(const tidegate_generation_model &model, int64_t symbol) { return symbol >= 0 && symbol < model.symbols; }

}  // namespace

extern "C" {

int64_t tidegate_generation_size(const tidegate_generation_model *model) {
    if (!complete(model)) return 0;
    try {
        return PackedModel(*model).floats();
    } catch (const std::bad_alloc &) {
        return 0;
    }
}

int64_t tidegate_generation_pack(const tidegate_generation_model *model, float *packed) {
    if (!complete(model) || !packed) return TIDEGATE_BAD_ARGUMENT;
    return guarded([&] {
        PackedModel(*model).pack(packed);
        return TIDEGATE_OK;
    });
}

int64_t tidegate_generation_read(const tidegate_generation_model *model, const float *packed, float *states,
                                 const int64_t *symbols, int64_t count, float *scores) {
    if (!complete(model) || !packed || !states || count < 0 || (count > 0 && !symbols) || (count == 0 && scores)) {
        return TIDEGATE_BAD_ARGUMENT;
    }
    if (!std::all_of(symbols, symbols + count, [&](int64_t k) { return known(*model, k); })) return TIDEGATE_BAD_SYMBOL;
    return guarded([&] {
        Walk walk(*model, packed, states);
        for (int64_t i = 0; i < count; ++i) walk.read(symbols[i]);
        if (scores) std::copy_n(walk.scores(), model->symbols, scores);
        walk.give_back();
        return TIDEGATE_OK;
    });
}

int64_t tidegate_generation_write(const tidegate_generation_model *model, const float *packed, float *states,
                                  const tidegate_sampling *sampling, uint64_t position, int64_t *symbols, int64_t count,
                                  int64_t *written) {
    if (!complete(model) || !packed || !states || !complete(sampling, model->symbols) || !symbols || count < 0 || !written) {
        return TIDEGATE_BAD_ARGUMENT;
    }
    *written = 0;
    if (!known(*model, symbols[0])) return TIDEGATE_BAD_SYMBOL;
    return guarded([&]() -> int64_t {
        Walk walk(*model, packed, states);
        Sampler sampler(*sampling, model->symbols);
        int64_t status = TIDEGATE_OK;
        for (int64_t i = 0; i < count; ++i) {
            walk.read(symbols[i]);
            const int64_t drawn = sampler.choose(walk.scores(), position + static_cast<uint64_t>(i));
            if (drawn < 0) {
                status = TIDEGATE_NOT_FINITE;
                break;
            }
            symbols[i + 1] = drawn;
            *written = i + 1;
            if (sampling->stop && sampling->stop[drawn]) break;
        }
        walk.give_back();
        return status;
    });
}

int64_t tidegate_generation_choose(int64_t symbols, const float *scores, const tidegate_sampling *sampling,
                                   uint64_t position, int64_t *symbol) {
    if (!complete(sampling, symbols) || !scores || !symbol) return TIDEGATE_BAD_ARGUMENT;
    return guarded([&]() -> int64_t {
        *symbol = Sampler(*sampling, symbols).choose(scores, position);
        if (*symbol < 0) return TIDEGATE_NOT_FINITE;
        return TIDEGATE_OK;
    });
}

}  // extern "C"
