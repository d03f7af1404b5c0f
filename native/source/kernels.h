// What an instruction set gives: one step of each cell, and the packing of weights for it. No vectors here, so that
// this header is the same in every translation unit.
//
// A lane is a row that runs through time: one sequence, until it ends and another takes its place. A step moves all
// lanes by one step of their own. Panels are groups of hidden units; a step can be done panel by panel, by several threads.
#pragma once
#include <cstdint>

namespace tidegate {

constexpr int64_t cells = 4;

// Of a core, less what states and rows take: 2 MiB on Sapphire Rapids. Weights that fit stay there from step to step.
constexpr int64_t second_cache_bytes = 1536 << 10;

// Rows of one lane at one step. Pointers to whole rows: kernels add the unit.
struct ForwardLane {
    float *gates;
    float *y;
    float *memory;         // nullptr: not kept
    float *new_recurrent;  // nullptr: not kept
};

struct ForwardStep {
    int64_t hidden;
    int64_t features;      // 0: x is projected already
    int64_t input_offset;  // floats from a lane's input of this step to its hidden state
    int64_t lanes;
    int64_t first_panel;
    int64_t last_panel;  // not included
    int64_t stride;      // floats between the states of two lanes
    bool large;  // weights do not stay in the core's own cache
    bool save;           // write the activated gates back
    const float *weights;
    const float *bias;       // in the order of a panel's vectors, padded: where the sums begin
    const float *outer_bias; // GRU: of the new gate, outside the reset gate's reach
    const float *hidden_in;
    float *hidden_out;
    float *memory;  // in and out: no unit reads another's
    const ForwardLane *lane;
};

struct BackwardLane {
    const float *gates;
    const float *new_recurrent;
    const float *memory;
    const float *memory_before;  // nullptr: zeros
    const float *y;
    const float *y_before;  // nullptr: zeros
    const float *d_y;       // nullptr: zeros
    const float *d_hidden_out;  // of the final state, at the last step only; else nullptr
    float *deltas;          // nullptr: past the first step, only the gradients of the initial state are left to do
    float *new_deltas;
    float *hidden_before;
    float *d_hidden_in;  // set past the first step only
    float *d_memory_in;
};

struct BackwardStep {
    int64_t hidden;
    int64_t lanes;
    int64_t first_panel;
    int64_t last_panel;
    int64_t stride;        // floats between the gradients of two lanes' states
    int64_t delta_stride;  // floats between the deltas of two lanes: G blocks of `delta_block`
    int64_t delta_block;
    bool large;  // as forward
    const float *weights;
    const float *deltas_in;  // of the step done before, the one after this in time; nullptr: no lane has one
    float *deltas_out;
    float *d_hidden;  // in and out: what reaches the hidden state past the weights
    float *d_memory;
    const BackwardLane *lane;
};

// W_hh and, where the forward pass projects x itself, W_ih.
struct Matrices {
    const float *recurrent;
    int64_t recurrent_stride;
    const float *input;
    int64_t input_stride;
    int64_t features;
};

struct Kernels {
    const char *name;
    int64_t width;
    int64_t rows_of_tile[cells];  // forward; backward always rows_backward
    int64_t rows_backward;
    void (*forward[cells])(const ForwardStep &);
    void (*backward[cells])(const BackwardStep &);
    // Panels first…last into `packed`, which is the whole.
    void (*pack_forward)(int64_t cell, int64_t hidden, const Matrices &matrices, float *packed, int64_t first, int64_t last);
    void (*pack_backward)(int64_t cell, int64_t hidden, const Matrices &matrices, float *packed, int64_t first, int64_t last);
    void (*sigmoid)(int64_t count, const float *x, float *y);
    void (*tanh)(int64_t count, const float *x, float *y);
};

extern const Kernels kernels_portable;
#ifdef TIDEGATE_X86
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif

// Internal to each translation unit: a copy compiled for one instruction set must not stand in for another's.
namespace {

inline int64_t gates_of(int64_t cell) { return cell == 2 ? 4 : cell == 3 ? 3 : 1; }

inline int64_t vectors_of(int64_t hidden, int64_t width) { return (hidden + width - 1) / width; }

// The units of a layer, cut into panels of up to four vectors, as even as can be. Where a panel holds the gates of its
// units side by side, as forward, it has one vector of units and all its gates.
struct Panels {
    int64_t count;
    int64_t vectors;  // of units in the layer
    int64_t gates;    // vectors of a panel for each vector of units
    int64_t width;    // of a vector
    int64_t vectors_before(int64_t panel) const { return vectors * panel / count; }
    int64_t first_unit(int64_t panel) const { return vectors_before(panel) * width; }
};

inline Panels forward_panels(int64_t gates, int64_t hidden, int64_t width) {
    const int64_t vectors = vectors_of(hidden, width);
    return {gates > 1 ? vectors : (vectors + 3) / 4, vectors, gates, width};
}

// Two vectors where a panel of four would fill the second cache by itself, and leave no room for the next one.
inline Panels backward_panels(int64_t gates, int64_t hidden, int64_t width) {
    const int64_t vectors = vectors_of(hidden, width);
    const int64_t bytes_of_four = gates * hidden * 4 * width * static_cast<int64_t>(sizeof(float));
    const int64_t most = bytes_of_four > second_cache_bytes / 2 ? 2 : 4;
    return {(vectors + most - 1) / most, vectors, 1, width};
}

}  // namespace
}  // namespace tidegate
