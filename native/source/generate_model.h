// A language model as the steps read it: where its parts lie in the packed floats, and one sequence's way through it.
#pragma once
#include <cstdint>
#include <vector>

#include "call.h"
#include "generate_product.h"
#include "tidegate/generate.h"

namespace tidegate {

// Of one layer: places in the packed floats, and sizes.
struct PackedLayer {
    int64_t weights;
    int64_t bias;
    int64_t features;  // 0: its inputs are looked up in the table
};

// All of it follows from the sizes of the model, and is found anew in every call.
class PackedModel {
   public:
    explicit PackedModel(const tidegate_generation_model &model);
    int64_t floats() const { return floats_; }
    void pack(float *into) const;

   private:
    friend class Walk;
    void pack_table(float *into) const;

    const tidegate_generation_model &model_;
    const Kernels &set_;
    const Products &products_;
    std::vector<PackedLayer> layers_;
    int64_t top_ = 0;  // H of the last layer
    int64_t outputs_ = 0;  // O
    int64_t table_ = 0;
    int64_t projection_ = 0;
    int64_t projection_bias_ = 0;
    int64_t output_ = 0;
    int64_t output_bias_ = 0;
    int64_t floats_ = 0;
};

// One sequence: takes the states in, moves them symbol by symbol, and gives them back.
class Walk {
   public:
    Walk(const tidegate_generation_model &model, const float *packed, float *states);
    Walk(const Walk &) = delete;
    Walk &operator=(const Walk &) = delete;
    // The states, to where they came from.
    void give_back();
    void read(int64_t symbol);
    // Scores of what may follow: (K,), and then floats of no meaning up to a whole vector.
    const float *scores();

   private:
    // What a layer carries. Before its hidden state stands its input, twice, since a step reads one and writes the other.
    struct Carried {
        float *hidden[2];
        float *memory;
        int64_t input_offset;
    };

    template <class Move>
    void each_state(const Move &move);
    void step(int64_t layer, const float *looked_up);

    const PackedModel layout_;
    const float *packed_;
    float *states_;
    std::vector<float> memory_;
    std::vector<Carried> carried_;
    float *top_ = nullptr;
    float *projected_ = nullptr;
    float *scores_ = nullptr;
    int now_ = 0;
};

}  // namespace tidegate
