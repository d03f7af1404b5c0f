#include <algorithm>

#include "call.h"

namespace tidegate {

Weights::Weights(const Kernels &set, const tidegate_problem &problem, Pass pass, bool read)
    : set_(set),
      cell_(problem.cell),
      hidden_(problem.hidden),
      size_(packed_floats(set, problem.cell, problem.hidden, pass == Pass::forward ? problem.features : 0)),
      pass_(pass),
      read_(read) {}

void Weights::add(const Matrices &matrices, const float *packed) {
    entries_.push_back({matrices, packed, nullptr});
    packed_here_ += read_ && packed == nullptr;
}

int64_t Weights::floats() const { return packed_here_ * size_; }

void Weights::place(float *memory) {
    for (Entry &entry : entries_) {
        if (entry.packed && !entry.here) continue;
        if (!read_) {
            entry.packed = memory;  // an address to count from; nothing is read there
            continue;
        }
        entry.packed = entry.here = memory;
        memory += size_;
    }
}

void Weights::pack(int64_t thread, int64_t threads) const {
    const bool forward = pass_ == Pass::forward;
    const auto panels =
        (forward ? forward_panels(gates_of(cell_), hidden_, set_.width) : backward_panels(gates_of(cell_), hidden_, set_.width)).count;
    const auto pack = forward ? set_.pack_forward : set_.pack_backward;
    // All panels one after the other, so that two threads take a direction each, which they are likely to run.
    int64_t before = 0;
    for (const Entry &entry : entries_) {
        if (!entry.here) continue;
        const int64_t total = packed_here_ * panels;
        const int64_t first = std::max(total * thread / threads - before, int64_t{0});
        const int64_t last = std::min(total * (thread + 1) / threads - before, panels);
        if (first < last) pack(cell_, hidden_, entry.matrices, entry.here, first, last);
        before += panels;
    }
}

int64_t bias_floats(const Kernels &set, int64_t cell, int64_t hidden) {
    return (gates_of(cell) + 1) * round_up(hidden, set.width);
}

void pack_bias(const Kernels &set, const tidegate_problem &problem, const tidegate_forward &direction, float *into) {
    const int64_t h = problem.hidden, gates = gates_of(problem.cell), width = set.width;
    const int64_t vectors = vectors_of(h, width);
    std::fill_n(into, bias_floats(set, problem.cell, h), 0.0f);
    for (int64_t v = 0; v < vectors; ++v) {
        const int64_t count = std::min(width, h - v * width);
        for (int64_t gate = 0; gate < gates; ++gate, into += width) {
            // The reset gate multiplies the recurrent part of the new gate, its bias included, and nothing else of it.
            const bool inner_only = problem.cell == TIDEGATE_GRU && gate == 2;
            const int64_t at = gate * h + v * width;
            if (direction.recurrent_bias) std::copy_n(direction.recurrent_bias + at, count, into);
            if (!direction.input_bias) continue;
            float *outer = into + (vectors - v) * gates * width - gate * width + v * width;
            for (int64_t i = 0; i < count; ++i) (inner_only ? outer : into)[i] += direction.input_bias[at + i];
        }
    }
}

int64_t packed_floats(const Kernels &set, int64_t cell, int64_t hidden, int64_t features) {
    return gates_of(cell) * (features + hidden) * round_up(hidden, set.width);
}

}  // namespace tidegate
