/* The reference of the recurrences in plain loops of doubles, one sequence after another: slow, short, and independent of the
 * kernels. Results of steps are dense, step t of sequence b at row b·T + t; rows beyond a length stay 0. */
#ifndef TIDEGATE_TESTS_REFERENCE_H
#define TIDEGATE_TESTS_REFERENCE_H

#include <cstdint>
#include <vector>

namespace reference {

int64_t blocks(int64_t cell); /* G: row blocks of a weight */

struct Shape {
    int64_t cell, hidden, batch, time;
    bool reversed;
    std::vector<int64_t> lengths; /* (B,) */
};

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

struct Inputs {
    Floats recurrent;                  /* (G·H, H) */
    Floats input_bias, recurrent_bias; /* (G·H,), or empty: zeros */
    Floats sums;                       /* (B·T, G·H): x·W_ih */
    Floats input;                      /* (G·H, F), if the kernels are to project x; the reference reads the sums */
    Floats hidden_in, memory_in;       /* (B, H), or empty: zeros */
};

struct States {
    Doubles gates;                 /* (B·T, G·H) after activation */
    Doubles new_recurrent;         /* GRU: (B·T, H) */
    Doubles memories;              /* LSTM: (B·T, H) */
    Doubles hidden, hidden_before; /* (B·T, H) */
    Doubles hidden_out, memory_out; /* (B, H); memory_out of an LSTM only */
};

struct Upstream {
    Doubles d_hidden;                   /* (B·T, H) gradient of each step's hidden state from outside */
    Doubles d_hidden_out, d_memory_out; /* (B, H), or empty: zeros */
};

struct Gradients {
    Doubles deltas;                   /* (B·T, G·H) of the projected gates */
    Doubles new_deltas;               /* GRU: (B·T, H) of new_recurrent */
    Doubles d_hidden_in, d_memory_in; /* (B, H) */
};

States forward(const Shape &shape, const Inputs &inputs);

/* Every number to the nearest float, so that a backward pass in floats starts from the very same numbers. */
void round_to_floats(States &states);

Gradients backward(const Shape &shape, const Inputs &inputs, const States &states, const Upstream &upstream);

} // namespace reference

#endif
