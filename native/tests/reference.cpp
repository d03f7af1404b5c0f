#include "reference.h"

#include <cmath>

#include "tidegate/recurrence.h"

namespace reference {

namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/* The step that comes `order`-th in the direction of reading. */
int64_t step_of(const Shape &shape, int64_t length, int64_t order) { return shape.reversed ? length - 1 - order : order; }

void start(Doubles &state, const Floats &given, int64_t sequence, int64_t hidden) {
    for (int64_t j = 0; j < hidden; ++j)
        state[size_t(j)] = given.empty() ? 0.0 : double(given[size_t(sequence * hidden + j)]);
}

/* W_hh·h + b_hh for every row of W_hh. */
Doubles products(const Shape &shape, const Inputs &inputs, const Doubles &state) {
    const int64_t H = shape.hidden, rows = blocks(shape.cell) * H;
    Doubles result(static_cast<size_t>(rows));
    for (int64_t r = 0; r < rows; ++r) {
        double sum = inputs.recurrent_bias.empty() ? 0.0 : double(inputs.recurrent_bias[size_t(r)]);
        for (int64_t k = 0; k < H; ++k) sum += double(inputs.recurrent[size_t(r * H + k)]) * state[size_t(k)];
        result[size_t(r)] = sum;
    }
    return result;
}

struct Step {
    const Shape &shape;
    const Inputs &inputs;
    States &states;
    int64_t row;

    double sum(int64_t block, int64_t j) const {
        const double x = inputs.sums[size_t((row * blocks(shape.cell) + block) * shape.hidden + j)];
        return inputs.input_bias.empty() ? x : x + double(inputs.input_bias[size_t(block * shape.hidden + j)]);
    }
    double &gate(int64_t block, int64_t j) const {
        return states.gates[size_t((row * blocks(shape.cell) + block) * shape.hidden + j)];
    }

    void elman(const Doubles &product, Doubles &hidden) const {
        for (int64_t j = 0; j < shape.hidden; ++j) {
            const double x = sum(0, j) + product[size_t(j)];
            hidden[size_t(j)] = gate(0, j) = shape.cell == TIDEGATE_ELMAN_RELU ? (x > 0.0 ? x : 0.0) : std::tanh(x);
        }
    }

    void lstm(const Doubles &product, Doubles &hidden, Doubles &memory) const {
        const int64_t H = shape.hidden;
        for (int64_t j = 0; j < H; ++j) {
            for (int64_t block = 0; block < 4; ++block) {
                const double x = sum(block, j) + product[size_t(block * H + j)];
                gate(block, j) = block == 2 ? std::tanh(x) : sigmoid(x);
            }
            memory[size_t(j)] = gate(1, j) * memory[size_t(j)] + gate(0, j) * gate(2, j);
            hidden[size_t(j)] = gate(3, j) * std::tanh(memory[size_t(j)]);
            states.memories[size_t(row * H + j)] = memory[size_t(j)];
        }
    }

    /* torch's GRU: the reset gate comes after the recurrent product. */
    void gru(const Doubles &product, Doubles &hidden) const {
        const int64_t H = shape.hidden;
        for (int64_t j = 0; j < H; ++j) {
            const double reset = gate(0, j) = sigmoid(sum(0, j) + product[size_t(j)]);
            const double update = gate(1, j) = sigmoid(sum(1, j) + product[size_t(H + j)]);
            const double recurrent = states.new_recurrent[size_t(row * H + j)] = product[size_t(2 * H + j)];
            const double fresh = gate(2, j) = std::tanh(sum(2, j) + reset * recurrent);
            hidden[size_t(j)] = (1.0 - update) * fresh + update * hidden[size_t(j)];
        }
    }
};

/* One step back: from the gradients of the state after it to those of the state before it. */
struct StepBack {
    const Shape &shape;
    const Inputs &inputs;
    const States &states;
    Gradients &gradients;
    int64_t row;

    double gate(int64_t block, int64_t j) const {
        return states.gates[size_t((row * blocks(shape.cell) + block) * shape.hidden + j)];
    }
    double &delta(int64_t block, int64_t j) const {
        return gradients.deltas[size_t((row * blocks(shape.cell) + block) * shape.hidden + j)];
    }
    double &new_delta(int64_t j) const { return gradients.new_deltas[size_t(row * shape.hidden + j)]; }

    void elman(Doubles &d_hidden) const {
        for (int64_t j = 0; j < shape.hidden; ++j) {
            const double h = states.hidden[size_t(row * shape.hidden + j)];
            const double slope = shape.cell == TIDEGATE_ELMAN_RELU ? (h > 0.0 ? 1.0 : 0.0) : 1.0 - h * h;
            delta(0, j) = d_hidden[size_t(j)] * slope;
            d_hidden[size_t(j)] = 0.0;
        }
    }

    void lstm(Doubles &d_hidden, Doubles &d_memory, const Doubles &memory_before) const {
        for (int64_t j = 0; j < shape.hidden; ++j) {
            const double in = gate(0, j), forget = gate(1, j), cell = gate(2, j), out = gate(3, j);
            const double squashed = std::tanh(states.memories[size_t(row * shape.hidden + j)]);
            const double d_h = d_hidden[size_t(j)];
            const double d_c = d_memory[size_t(j)] + d_h * out * (1.0 - squashed * squashed);
            delta(0, j) = d_c * cell * in * (1.0 - in);
            delta(1, j) = d_c * memory_before[size_t(j)] * forget * (1.0 - forget);
            delta(2, j) = d_c * in * (1.0 - cell * cell);
            delta(3, j) = d_h * squashed * out * (1.0 - out);
            d_memory[size_t(j)] = d_c * forget;
            d_hidden[size_t(j)] = 0.0;
        }
    }

    void gru(Doubles &d_hidden) const {
        for (int64_t j = 0; j < shape.hidden; ++j) {
            const double reset = gate(0, j), update = gate(1, j), fresh = gate(2, j);
            const double before = states.hidden_before[size_t(row * shape.hidden + j)];
            const double d_h = d_hidden[size_t(j)];
            const double d_fresh = d_h * (1.0 - update) * (1.0 - fresh * fresh);
            delta(0, j) = d_fresh * states.new_recurrent[size_t(row * shape.hidden + j)] * reset * (1.0 - reset);
            delta(1, j) = d_h * (before - fresh) * update * (1.0 - update);
            delta(2, j) = d_fresh;
            new_delta(j) = d_fresh * reset;
            d_hidden[size_t(j)] = d_h * update;
        }
    }

    /* Adds W_hhᵀ·delta, the way through the recurrent product. */
    void through_product(Doubles &d_hidden) const {
        const int64_t H = shape.hidden;
        for (int64_t block = 0; block < blocks(shape.cell); ++block)
            for (int64_t j = 0; j < H; ++j) {
                const double d = shape.cell == TIDEGATE_GRU && block == 2 ? new_delta(j) : delta(block, j);
                const float *weights = inputs.recurrent.data() + (block * H + j) * H;
                for (int64_t k = 0; k < H; ++k) d_hidden[size_t(k)] += d * double(weights[k]);
            }
    }
};

void forward_sequence(const Shape &shape, const Inputs &inputs, int64_t b, States &states) {
    const int64_t H = shape.hidden, length = shape.lengths[size_t(b)];
    Doubles hidden(static_cast<size_t>(H)), memory(static_cast<size_t>(H));
    start(hidden, inputs.hidden_in, b, H);
    start(memory, inputs.memory_in, b, H);
    for (int64_t order = 0; order < length; ++order) {
        const int64_t row = b * shape.time + step_of(shape, length, order);
        for (int64_t j = 0; j < H; ++j) states.hidden_before[size_t(row * H + j)] = hidden[size_t(j)];
        const Doubles product = products(shape, inputs, hidden);
        const Step step{shape, inputs, states, row};
        if (shape.cell == TIDEGATE_LSTM) step.lstm(product, hidden, memory);
        else if (shape.cell == TIDEGATE_GRU) step.gru(product, hidden);
        else step.elman(product, hidden);
        for (int64_t j = 0; j < H; ++j) states.hidden[size_t(row * H + j)] = hidden[size_t(j)];
    }
    for (int64_t j = 0; j < H; ++j) {
        states.hidden_out[size_t(b * H + j)] = hidden[size_t(j)];
        if (shape.cell == TIDEGATE_LSTM) states.memory_out[size_t(b * H + j)] = memory[size_t(j)];
    }
}

void backward_sequence(const Shape &shape, const Inputs &inputs, const States &states, const Upstream &upstream,
                       int64_t b, Gradients &gradients) {
    const int64_t H = shape.hidden, length = shape.lengths[size_t(b)];
    Doubles d_hidden(static_cast<size_t>(H)), d_memory(static_cast<size_t>(H)), memory_before(static_cast<size_t>(H));
    for (int64_t j = 0; j < H; ++j) {
        if (!upstream.d_hidden_out.empty()) d_hidden[size_t(j)] = upstream.d_hidden_out[size_t(b * H + j)];
        if (!upstream.d_memory_out.empty()) d_memory[size_t(j)] = upstream.d_memory_out[size_t(b * H + j)];
    }
    for (int64_t order = length - 1; order >= 0; --order) {
        const int64_t row = b * shape.time + step_of(shape, length, order);
        for (int64_t j = 0; j < H; ++j) d_hidden[size_t(j)] += upstream.d_hidden[size_t(row * H + j)];
        const StepBack step{shape, inputs, states, gradients, row};
        if (shape.cell == TIDEGATE_LSTM) {
            start(memory_before, inputs.memory_in, b, H);
            const int64_t before = b * shape.time + (order > 0 ? step_of(shape, length, order - 1) : 0);
            for (int64_t j = 0; order > 0 && j < H; ++j)
                memory_before[size_t(j)] = states.memories[size_t(before * H + j)];
            step.lstm(d_hidden, d_memory, memory_before);
        } else if (shape.cell == TIDEGATE_GRU) {
            step.gru(d_hidden);
        } else {
            step.elman(d_hidden);
        }
        step.through_product(d_hidden);
    }
    for (int64_t j = 0; j < H; ++j) {
        gradients.d_hidden_in[size_t(b * H + j)] = d_hidden[size_t(j)];
        if (shape.cell == TIDEGATE_LSTM) gradients.d_memory_in[size_t(b * H + j)] = d_memory[size_t(j)];
    }
}

} // namespace

int64_t blocks(int64_t cell) { return cell == TIDEGATE_LSTM ? 4 : cell == TIDEGATE_GRU ? 3 : 1; }

States forward(const Shape &shape, const Inputs &inputs) {
    const size_t steps = static_cast<size_t>(shape.batch * shape.time * shape.hidden);
    const size_t outs = static_cast<size_t>(shape.batch * shape.hidden);
    States states;
    states.gates.resize(steps * static_cast<size_t>(blocks(shape.cell)));
    if (shape.cell == TIDEGATE_GRU) states.new_recurrent.resize(steps);
    if (shape.cell == TIDEGATE_LSTM) states.memories.resize(steps), states.memory_out.resize(outs);
    states.hidden.resize(steps), states.hidden_before.resize(steps), states.hidden_out.resize(outs);
    for (int64_t b = 0; b < shape.batch; ++b) forward_sequence(shape, inputs, b, states);
    return states;
}

void round_to_floats(States &states) {
    for (Doubles *numbers : {&states.gates, &states.new_recurrent, &states.memories, &states.hidden,
                             &states.hidden_before, &states.hidden_out, &states.memory_out})
        for (double &number : *numbers) number = static_cast<double>(static_cast<float>(number));
}

Gradients backward(const Shape &shape, const Inputs &inputs, const States &states, const Upstream &upstream) {
    const size_t outs = static_cast<size_t>(shape.batch * shape.hidden);
    const size_t steps = static_cast<size_t>(shape.batch * shape.time * shape.hidden);
    Gradients gradients;
    gradients.deltas.resize(steps * static_cast<size_t>(blocks(shape.cell)));
    if (shape.cell == TIDEGATE_GRU) gradients.new_deltas.resize(steps);
    gradients.d_hidden_in.resize(outs);
    if (shape.cell == TIDEGATE_LSTM) gradients.d_memory_in.resize(outs);
    for (int64_t b = 0; b < shape.batch; ++b) backward_sequence(shape, inputs, states, upstream, b, gradients);
    return gradients;
}

} // namespace reference
