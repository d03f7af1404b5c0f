#include <algorithm>
#include <cstring>

#include "crews.h"

namespace tidegate {

namespace {

struct Pass {
    const tidegate_problem &problem;
    const tidegate_forward *directions;
    float *y;
    bool save;
    const Kernels &set;
    const Weights &weights;
};

// Shared by the threads of a crew. Before the hidden state of a lane stands its input, if the step projects it.
struct States {
    float *hidden[2];
    float *memory;
    int64_t stride;
    const float *bias;
    int64_t input_offset;
};

// One thread of a crew: its columns of every lane.
class Runner {
   public:
    Runner(const Pass &pass, const Crew &crew, int64_t member, const States &states)
        : pass_(pass),
          crew_(crew),
          states_(states),
          own_(pass.directions[crew.direction]),
          reversed_(is_reversed(pass.problem, crew.direction)),
          brings_inputs_(pass.problem.features > 0 && member == 0),
          columns_(forward_columns(pass.problem, pass.set, member, crew.threads)),
          lanes_(static_cast<size_t>(crew.lanes)),
          rows_(static_cast<size_t>(crew.lanes)) {}

    void run(Barrier &barrier) {
        for (active_ = 0; active_ < crew_.lanes && next_ < sequences(); ++active_) begin(active_, 0);
        if (crew_.threads > 1) barrier.arrive();
        for (int now = 0; active_ > 0; now = 1 - now) {
            step(now);
            finish(1 - now);
            if (crew_.threads > 1) barrier.arrive();
        }
    }

   private:
    struct Lane {
        int64_t sequence;
        int64_t step;
        int64_t length;
    };

    int64_t sequences() const { return static_cast<int64_t>(crew_.sequences.size()); }
    float *hidden(int which, int64_t lane) const { return states_.hidden[which] + lane * states_.stride; }
    float *memory(int64_t lane) const { return states_.memory + lane * states_.stride; }

    static const float *row(const float *matrix, int64_t index, int64_t width) {
        return matrix ? matrix + index * width : nullptr;
    }

    // The next sequence, into a lane.
    void begin(int64_t lane, int which) {
        const int64_t b = crew_.sequences[static_cast<size_t>(next_++)];
        lanes_[static_cast<size_t>(lane)] = {b, 0, length_of(pass_.problem, b)};
        load_state(hidden(which, lane), row(own_.hidden_in, b, pass_.problem.hidden), columns_);
        if (states_.memory) load_state(memory(lane), row(own_.memory_in, b, pass_.problem.hidden), columns_);
        bring_input(lane, which);
    }

    // The input of a lane's next step, beside its state: one thread does it for the crew.
    void bring_input(int64_t index, int which) {
        if (!brings_inputs_) return;
        const tidegate_problem &p = pass_.problem;
        const Lane &lane = lanes_[static_cast<size_t>(index)];
        const int64_t t = time_of(lane.step, lane.length, reversed_);
        std::copy_n(own_.x + row_of(p.inputs, lane.sequence, t) * p.features, p.features,
                    hidden(which, index) - states_.input_offset);
    }

    void step(int now) {
        const tidegate_problem &p = pass_.problem;
        const int64_t h = p.hidden, gates = gates_stride(p, own_);
        for (int64_t i = 0; i < active_; ++i) {
            const Lane &lane = lanes_[static_cast<size_t>(i)];
            const int64_t t = time_of(lane.step, lane.length, reversed_);
            const int64_t at = row_of(p.rows, lane.sequence, t);
            float *y = pass_.y + row_of(p.outputs, lane.sequence, t) * p.directions * h + crew_.direction * h;
            rows_[static_cast<size_t>(i)] = {own_.gates ? own_.gates + at * gates : nullptr, y, own_.memories ? own_.memories + at * h : nullptr,
                                             own_.new_recurrent ? own_.new_recurrent + at * h : nullptr};
        }
        ForwardStep step;
        step.hidden = h;
        step.features = p.features;
        step.input_offset = states_.input_offset;
        step.lanes = active_;
        step.first_panel = columns_.first_panel;
        step.last_panel = columns_.last_panel;
        step.large = is_large(packed_floats(pass_.set, p.cell, h, p.features), crew_.threads);
        step.stride = states_.stride;
        step.save = pass_.save;
        step.weights = pass_.weights.of(crew_.direction);
        step.bias = states_.bias;
        step.outer_bias = states_.bias + gates_of(p.cell) * round_up(h, pass_.set.width);
        step.hidden_in = states_.hidden[now];
        step.hidden_out = states_.hidden[1 - now];
        step.memory = states_.memory;
        step.lane = rows_.data();
        pass_.set.forward[p.cell](step);
    }

    // Hands over the state of lanes that are done, and gives them to the next sequences.
    void finish(int which) {
        const int64_t h = pass_.problem.hidden;
        for (int64_t i = 0; i < active_;) {
            Lane &lane = lanes_[static_cast<size_t>(i)];
            if (++lane.step < lane.length) {
                bring_input(i++, which);
                continue;
            }
            copy(own_.hidden_out + lane.sequence * h, hidden(which, i), columns_.last_unit);
            if (states_.memory) copy(own_.memory_out + lane.sequence * h, memory(i), columns_.last_unit);
            if (next_ < sequences()) {
                begin(i++, which);
            } else if (--active_ > i) {
                lane = lanes_[static_cast<size_t>(active_)];
                copy(hidden(which, i), hidden(which, active_), columns_.last_lane);
                if (states_.memory) copy(memory(i), memory(active_), columns_.last_lane);
            }
        }
    }

    void copy(float *to, const float *from, int64_t end) const {
        std::copy(from + columns_.first_unit, from + end, to + columns_.first_unit);
    }

    const Pass &pass_;
    const Crew &crew_;
    const States states_;
    const tidegate_forward &own_;
    const bool reversed_;
    const bool brings_inputs_;
    const Columns columns_;
    int64_t active_ = 0;
    int64_t next_ = 0;
    std::vector<Lane> lanes_;
    std::vector<ForwardLane> rows_;
};

// A sequence of no steps gives its initial state back.
void finish_empty(const Pass &pass) {
    const tidegate_problem &p = pass.problem;
    for (int64_t b = 0; b < p.batch; ++b) {
        if (length_of(p, b) > 0) continue;
        for (int64_t d = 0; d < p.directions; ++d) {
            const tidegate_forward &one = pass.directions[d];
            copy_state(one.hidden_out, one.hidden_in, b, p.hidden);
            copy_state(one.memory_out, one.memory_in, b, p.hidden);
        }
    }
}

void clear_padding(const Pass &pass, int64_t thread, int64_t threads) {
    const tidegate_problem &p = pass.problem;
    const int64_t width = p.directions * p.hidden;
    for (int64_t b = thread; b < p.batch; b += threads) {
        for (int64_t t = length_of(p, b); t < p.time; ++t) {
            std::memset(pass.y + row_of(p.outputs, b, t) * width, 0, static_cast<size_t>(width) * sizeof(float));
        }
    }
}

std::vector<States> states_of(const Pass &pass, const std::vector<Crew> &crews, Weights &weights) {
    const tidegate_problem &p = pass.problem;
    const bool lstm = p.cell == TIDEGATE_LSTM;
    const int64_t input_offset = round_up(p.features, 16), stride = state_stride(input_offset + p.hidden);
    const int64_t of_bias = bias_floats(pass.set, p.cell, p.hidden);
    int64_t floats = weights.floats() + p.directions * of_bias;
    for (const Crew &crew : crews) floats += crew.lanes * stride * (lstm ? 3 : 2);
    float *memory = scratch(floats);
    weights.place(memory);
    float *biases = memory + weights.floats();
    for (int64_t d = 0; d < p.directions; ++d) pack_bias(pass.set, p, pass.directions[d], biases + d * of_bias);
    memory = biases + p.directions * of_bias;
    std::vector<States> states;
    for (const Crew &crew : crews) {
        const int64_t size = crew.lanes * stride;
        float *hidden = memory + input_offset;
        states.push_back({{hidden, hidden + size}, lstm ? memory + 2 * size : nullptr, stride,
                          biases + crew.direction * of_bias, input_offset});
        memory += size * (lstm ? 3 : 2);
    }
    return states;
}

bool run_with(const Pass &pass, Weights &weights, int64_t threads, bool clear) {
    const std::vector<Crew> crews = schedule_forward(pass.problem, pass.set, threads);
    const std::vector<States> states = states_of(pass, crews, weights);
    return run_crews<Runner>(pass, crews, states, threads, [&](int64_t thread, int64_t team) {
        if (clear) clear_padding(pass, thread, team);
    });
}

}  // namespace

void run_forward(const tidegate_problem &problem, const tidegate_forward *directions, float *y, bool clear, bool save) {
    const Kernels &set = kernels();
    Weights weights(set, problem, Weights::Pass::forward, true);
    for (int64_t d = 0; d < problem.directions; ++d) {
        const tidegate_forward &one = directions[d];
        weights.add({one.recurrent, one.recurrent_stride, one.input, one.input_stride, problem.features}, one.weights);
    }
    const Pass pass = {problem, directions, y, save, set, weights};
    finish_empty(pass);
    const int64_t threads = allowed_threads(problem.threads);
    if (!run_with(pass, weights, threads, clear)) run_with(pass, weights, 1, clear);
}

}  // namespace tidegate
