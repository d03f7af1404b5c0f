#include <algorithm>

#include "crews.h"

namespace tidegate {

namespace {

struct Pass {
    const tidegate_problem &problem;
    const tidegate_backward *directions;
    const float *y;
    const float *d_y;
    const int64_t *d_y_strides;
    const Kernels &set;
    const Weights &weights;
    bool multiplies;  // deltas reach some step, or the initial states
};

// Shared by the threads of a crew.
struct States {
    float *deltas[2];
    float *d_hidden;
    float *d_memory;
    int64_t stride;
    int64_t delta_block;
    int64_t delta_stride;
};

// One thread of a crew: its columns of every lane, from each sequence's last step to its first.
class Runner {
   public:
    Runner(const Pass &pass, const Crew &crew, int64_t member, const States &states)
        : pass_(pass),
          crew_(crew),
          states_(states),
          own_(pass.directions[crew.direction]),
          reversed_(is_reversed(pass.problem, crew.direction)),
          last_step_(own_.d_hidden_in ? -1 : 0),
          columns_(backward_columns(pass.problem, pass.set, member, crew.threads)),
          lanes_(static_cast<size_t>(crew.lanes)),
          rows_(static_cast<size_t>(crew.lanes)) {}

    void run(Barrier &barrier) {
        for (active_ = 0; active_ < crew_.lanes && next_ < sequences(); ++active_) begin(active_, 0);
        if (crew_.threads > 1) barrier.arrive();
        bool fresh = true;
        for (int now = 0; active_ > 0; now = 1 - now, fresh = false) {
            step(now, fresh || !pass_.multiplies);
            finish(1 - now);
            if (crew_.threads > 1) barrier.arrive();
        }
    }

   private:
    // Step -1 carries the gradient past the first step, into the initial state.
    struct Lane {
        int64_t sequence;
        int64_t step;
        int64_t length;
    };

    int64_t sequences() const { return static_cast<int64_t>(crew_.sequences.size()); }

    static const float *row(const float *matrix, int64_t index, int64_t width) {
        return matrix ? matrix + index * width : nullptr;
    }

    // The next sequence, into a lane. No deltas come to its last step.
    void begin(int64_t lane, int which) {
        const int64_t b = crew_.sequences[static_cast<size_t>(next_++)], h = pass_.problem.hidden;
        const int64_t length = length_of(pass_.problem, b);
        lanes_[static_cast<size_t>(lane)] = {b, length - 1, length};
        for (int64_t block = 0; block < gates_of(pass_.problem.cell); ++block) {
            load_state(states_.deltas[which] + lane * states_.delta_stride + block * states_.delta_block, nullptr, columns_);
        }
        load_state(states_.d_hidden + lane * states_.stride, nullptr, columns_);
        if (states_.d_memory) load_state(states_.d_memory + lane * states_.stride, row(own_.d_memory_out, b, h), columns_);
    }

    const float *d_y_of(int64_t b, int64_t t, int64_t y_row) const {
        if (!pass_.d_y) return nullptr;
        const int64_t column = crew_.direction * pass_.problem.hidden;
        if (pass_.d_y_strides) return pass_.d_y + b * pass_.d_y_strides[0] + t * pass_.d_y_strides[1] + column;
        return pass_.d_y + y_row * pass_.problem.directions * pass_.problem.hidden + column;
    }

    BackwardLane first(const Lane &lane) const {
        const int64_t h = pass_.problem.hidden;
        BackwardLane out = {};
        out.d_hidden_in = own_.d_hidden_in + lane.sequence * h;
        out.d_memory_in = own_.d_memory_in ? own_.d_memory_in + lane.sequence * h : nullptr;
        return out;
    }

    BackwardLane lane_rows(const Lane &lane) const {
        const tidegate_problem &p = pass_.problem;
        const int64_t h = p.hidden, b = lane.sequence, gates = gates_stride(p, own_);
        const int64_t t = time_of(lane.step, lane.length, reversed_);
        const int64_t at = row_of(p.rows, b, t), y_at = row_of(p.outputs, b, t);
        const float *y = pass_.y + crew_.direction * h;
        BackwardLane out = {};
        out.gates = row(own_.gates, at, gates);
        out.new_recurrent = row(own_.new_recurrent, at, h);
        out.memory = row(own_.memories, at, h);
        out.y = y + y_at * p.directions * h;
        out.d_y = d_y_of(b, t, y_at);
        out.d_hidden_out = lane.step == lane.length - 1 ? row(own_.d_hidden_out, b, h) : nullptr;
        out.deltas = own_.deltas + at * gates;
        out.new_deltas = own_.new_deltas ? own_.new_deltas + at * h : nullptr;
        out.hidden_before = own_.hidden_before + at * h;
        if (lane.step == 0) {
            out.y_before = row(own_.hidden_in, b, h);
            out.memory_before = row(own_.memory_in, b, h);
        } else {
            const int64_t before = time_of(lane.step - 1, lane.length, reversed_);
            out.y_before = y + row_of(p.outputs, b, before) * p.directions * h;
            out.memory_before = row(own_.memories, row_of(p.rows, b, before), h);
        }
        return out;
    }

    void step(int now, bool fresh) {
        for (int64_t i = 0; i < active_; ++i) {
            const Lane &lane = lanes_[static_cast<size_t>(i)];
            rows_[static_cast<size_t>(i)] = lane.step < 0 ? first(lane) : lane_rows(lane);
        }
        BackwardStep step;
        step.hidden = pass_.problem.hidden;
        step.lanes = active_;
        step.first_panel = columns_.first_panel;
        step.last_panel = columns_.last_panel;
        step.large = is_large(packed_floats(pass_.set, pass_.problem.cell, pass_.problem.hidden, 0), crew_.threads);
        step.stride = states_.stride;
        step.delta_stride = states_.delta_stride;
        step.delta_block = states_.delta_block;
        step.weights = pass_.weights.of(crew_.direction);
        step.deltas_in = fresh ? nullptr : states_.deltas[now];
        step.deltas_out = states_.deltas[1 - now];
        step.d_hidden = states_.d_hidden;
        step.d_memory = states_.d_memory;
        step.lane = rows_.data();
        pass_.set.backward[pass_.problem.cell](step);
    }

    void finish(int which) {
        for (int64_t i = 0; i < active_;) {
            Lane &lane = lanes_[static_cast<size_t>(i)];
            if (--lane.step >= last_step_) {
                ++i;
            } else if (next_ < sequences()) {
                begin(i++, which);
            } else if (--active_ > i) {
                lane = lanes_[static_cast<size_t>(active_)];
                move_lane(i, active_, which);
            }
        }
    }

    void move_lane(int64_t to, int64_t from, int which) {
        for (int64_t block = 0; block < gates_of(pass_.problem.cell); ++block) {
            float *deltas = states_.deltas[which] + block * states_.delta_block;
            copy(deltas + to * states_.delta_stride, deltas + from * states_.delta_stride);
        }
        copy(states_.d_hidden + to * states_.stride, states_.d_hidden + from * states_.stride);
        if (states_.d_memory) copy(states_.d_memory + to * states_.stride, states_.d_memory + from * states_.stride);
    }

    void copy(float *to, const float *from) const {
        std::copy(from + columns_.first_unit, from + columns_.last_lane, to + columns_.first_unit);
    }

    const Pass &pass_;
    const Crew &crew_;
    const States states_;
    const tidegate_backward &own_;
    const bool reversed_;
    const int64_t last_step_;
    const Columns columns_;
    int64_t active_ = 0;
    int64_t next_ = 0;
    std::vector<Lane> lanes_;
    std::vector<BackwardLane> rows_;
};

// A sequence of no steps hands the gradients of its final state to its initial state.
void finish_empty(const Pass &pass) {
    const tidegate_problem &p = pass.problem;
    for (int64_t b = 0; b < p.batch; ++b) {
        if (length_of(p, b) > 0) continue;
        for (int64_t d = 0; d < p.directions; ++d) {
            const tidegate_backward &one = pass.directions[d];
            copy_state(one.d_hidden_in, one.d_hidden_out, b, p.hidden);
            copy_state(one.d_memory_in, one.d_memory_out, b, p.hidden);
        }
    }
}

std::vector<States> states_of(const Pass &pass, const std::vector<Crew> &crews, Weights &weights) {
    const int64_t gates = gates_of(pass.problem.cell), block = round_up(pass.problem.hidden, 16);
    const int64_t stride = state_stride(pass.problem.hidden), delta_stride = state_stride(gates * block);
    const int64_t of_lane = 2 * delta_stride + 2 * stride;
    int64_t floats = 0;
    for (const Crew &crew : crews) floats += crew.lanes * of_lane;
    float *memory = scratch(weights.floats() + floats);
    weights.place(memory);
    memory += weights.floats();
    std::vector<States> states;
    for (const Crew &crew : crews) {
        float *d_hidden = memory + 2 * crew.lanes * delta_stride;
        float *d_memory = pass.problem.cell == TIDEGATE_LSTM ? d_hidden + crew.lanes * stride : nullptr;
        states.push_back({{memory, memory + crew.lanes * delta_stride}, d_hidden, d_memory, stride, block, delta_stride});
        memory += crew.lanes * of_lane;
    }
    return states;
}

bool run_with(const Pass &pass, Weights &weights, int64_t threads) {
    const std::vector<Crew> crews = schedule_backward(pass.problem, pass.set, threads);
    const std::vector<States> states = states_of(pass, crews, weights);
    return run_crews<Runner>(pass, crews, states, threads, [](int64_t, int64_t) {});
}

}  // namespace

void run_backward(const tidegate_problem &problem, const tidegate_backward *directions, const float *y,
                  const float *d_y, const int64_t *d_y_strides) {
    const Kernels &set = kernels();
    bool multiplies = longest(problem) > 1;
    for (int64_t d = 0; d < problem.directions; ++d) multiplies = multiplies || directions[d].d_hidden_in;
    Weights weights(set, problem, Weights::Pass::backward, multiplies);
    for (int64_t d = 0; d < problem.directions; ++d) {
        weights.add({directions[d].recurrent, directions[d].recurrent_stride, nullptr, 0, 0}, nullptr);
    }
    const Pass pass = {problem, directions, y, d_y, d_y_strides, set, weights, multiplies};
    finish_empty(pass);
    const int64_t threads = allowed_threads(problem.threads);
    if (!run_with(pass, weights, threads)) run_with(pass, weights, 1);
}

}  // namespace tidegate
