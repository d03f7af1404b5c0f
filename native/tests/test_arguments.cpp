/* What the interface refuses, the smallest calls that it takes, and the functions beside the two passes. */
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "runs.h"

using namespace testing;

namespace {

/* A result of `body`, or minus the signal that ended it: a missing pointer that is used must fail one check, not the
 * whole program. */
template <class Body> int64_t guarded(const Body &body) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        std::signal(SIGSEGV, SIG_DFL);
        _exit(static_cast<int>(body()));
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return -1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Case draw_small(int64_t cell, uint64_t seed) {
    check::Random random(seed);
    Case drawn = draw_case(cell, {{5, 17}, {3, 6}, {4}}, random);
    drawn.features = 0, drawn.x.clear();
    for (reference::Inputs &inputs : drawn.inputs) inputs.input.clear();
    drawn.lengths.assign(drawn.lengths.size(), 4);
    drawn.lengths_given = drawn.save = drawn.pack_ahead = true;
    drawn.recurrent_too = drawn.in_place = false;
    drawn.gates_gap = 0;
    drawn.clear = false;
    drawn.directions = 1;
    drawn.rows = drawn.outputs = layout::by_sequence(drawn.batch, drawn.time, 0);
    for (size_t d = 0; d < drawn.inputs.size(); ++d)
        drawn.states[d] = reference::forward(drawn.shape(static_cast<int64_t>(d)), drawn.inputs[d]);
    drawn.inputs.resize(1), drawn.states.resize(1);
    return drawn;
}

/* A call of either pass whose parts a test spoils, in a child. */
struct Spoiled {
    explicit Spoiled(const Case &from) : drawn(from), forward(from) {
        above.kind = Above::none;
        above.upstream.resize(1), above.d_hidden_out.resize(1), above.d_memory_out.resize(1);
        problem = drawn.problem();
        ahead = forward.part(0);
        backward.reset(new BackwardRun(drawn, above, true));
        back = backward->part(0);
    }

    template <class Spoil> void expect(int64_t status, const char *what, const Spoil &spoil) const {
        check::context() = std::string(what) + " of " + drawn.text();
        Spoil spoiling = spoil;
        tidegate_problem p = problem;
        tidegate_forward f = ahead;
        tidegate_backward b = back;
        spoiling(p, f, b);
        CHECK_EQUAL(status, guarded([&] { return tidegate_run_forward(&p, &f, forward_y(), 0, 1); }));
        CHECK_EQUAL(status, guarded([&] { return tidegate_run_backward(&p, &b, backward->y.data(), nullptr, nullptr); }));
    }

    float *forward_y() const { return const_cast<float *>(forward.y.data()); }

    Case drawn;
    Above above;
    ForwardRun forward;
    std::unique_ptr<BackwardRun> backward;
    tidegate_problem problem;
    tidegate_forward ahead;
    tidegate_backward back;
};

using P = tidegate_problem &;
using F = tidegate_forward &;
using B = tidegate_backward &;

} // namespace

TEST(abi) { CHECK_EQUAL(TIDEGATE_ABI, tidegate_abi()); }

TEST(instruction_sets) {
    const std::vector<std::string> names = buffer::instruction_sets();
    CHECK_EQUAL(1, tidegate_has_isa("portable"));
    const std::string chosen = tidegate_isa();
    CHECK(std::find(names.begin(), names.end(), chosen) != names.end());
    for (const std::string &name : names) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        CHECK_EQUAL(name, std::string(tidegate_isa()));
        for (const char *unknown : {"", "avx", "AVX2", "avx5120", "no such set"}) {
            CHECK_EQUAL(0, tidegate_has_isa(unknown));
            CHECK_EQUAL(0, tidegate_use_isa(unknown));
            CHECK_EQUAL(name, std::string(tidegate_isa()));
        }
    }
}

/* The choice is made once a process: each name needs a process of its own, which runs the test below. */
TEST(instruction_set_of_the_environment) {
    const auto come_up_with = [](const char *wish, const char *expected) {
        check::context() = std::string("TIDEGATE_ISA=") + wish;
        CHECK_EQUAL(0, guarded([&] {
                        setenv("TIDEGATE_ISA", wish, 1);
                        setenv("TIDEGATE_TESTS_EXPECTED_ISA", expected, 1);
                        execl("/proc/self/exe", "test", "fresh_process", static_cast<char *>(nullptr));
                        return 100;
                    }));
    };
    const std::vector<std::string> names = buffer::instruction_sets(); /* widest first */
    for (const std::string &name : names) come_up_with(name.c_str(), name.c_str());
    come_up_with("no such set", names[0].c_str());
    come_up_with("", names[0].c_str());
}

TEST(fresh_process_has_the_set_it_was_told) {
    const char *expected = std::getenv("TIDEGATE_TESTS_EXPECTED_ISA");
    if (expected != nullptr) CHECK_EQUAL(std::string(expected), std::string(tidegate_isa()));
}

TEST(passes_refuse_lengths) {
    for (const int64_t cell : cells()) {
        const Spoiled call(draw_small(cell, 60 + static_cast<uint64_t>(cell)));
        for (const int64_t bad : {int64_t{-1}, int64_t{5}, INT64_MIN, INT64_MAX})
            for (const size_t place : {size_t{0}, call.drawn.lengths.size() - 1}) {
                std::vector<int64_t> lengths = call.drawn.lengths;
                lengths[place] = bad;
                call.expect(TIDEGATE_BAD_LENGTH, "a bad length", [&](P p, F, B) { p.lengths = lengths.data(); });
            }
        call.expect(TIDEGATE_OK, "nothing", [](P, F, B) {});
    }
}

TEST(passes_refuse_sizes) {
    for (const int64_t cell : cells()) {
        const Spoiled call(draw_small(cell, 70 + static_cast<uint64_t>(cell)));
        const int64_t bad = TIDEGATE_BAD_ARGUMENT;
        call.expect(bad, "cell -1", [](P p, F, B) { p.cell = -1; });
        call.expect(bad, "cell 4", [](P p, F, B) { p.cell = 4; });
        call.expect(bad, "no directions", [](P p, F, B) { p.directions = 0; });
        call.expect(bad, "three directions", [](P p, F, B) { p.directions = 3; });
        call.expect(bad, "hidden 0", [](P p, F, B) { p.hidden = 0; });
        call.expect(bad, "hidden -1", [](P p, F, B) { p.hidden = -1; });
        call.expect(TIDEGATE_OK, "threads 0", [](P p, F, B) { p.threads = 0; });
        const std::vector<float> &recurrent = call.drawn.inputs[0].recurrent;
        call.expect(bad, "rows of W_hh that overlap", [&](P p, F f, B b) {
            f.weights = nullptr;
            f.recurrent = b.recurrent = recurrent.data();
            f.recurrent_stride = b.recurrent_stride = p.hidden - 1;
        });
        call.expect(TIDEGATE_OK, "threads -1", [](P p, F, B) { p.threads = -1; });
    }
}

TEST(passes_refuse_missing_pointers) {
    for (const int64_t cell : cells()) {
        const Spoiled call(draw_small(cell, 80 + static_cast<uint64_t>(cell)));
        const int64_t bad = TIDEGATE_BAD_ARGUMENT;
        call.expect(bad, "weights in any form", [](P, F f, B b) { f.weights = nullptr, b.recurrent = nullptr; });
        call.expect(bad, "gates, deltas", [](P, F f, B b) { f.gates = nullptr, b.deltas = nullptr; });
        call.expect(bad, "hidden_out, hidden_before",
                    [](P, F f, B b) { f.hidden_out = nullptr, b.hidden_before = nullptr; });
        if (cell == TIDEGATE_LSTM) {
            call.expect(bad, "memories", [](P, F f, B b) { f.memories = nullptr, b.memories = nullptr; });
            call.expect(bad, "memory_out, gates", [](P, F f, B b) { f.memory_out = nullptr, b.gates = nullptr; });
        }
        if (cell == TIDEGATE_GRU) {
            call.expect(bad, "new_recurrent", [](P, F f, B b) { f.new_recurrent = nullptr, b.new_recurrent = nullptr; });
            call.expect(bad, "gates, new_deltas", [](P, F f, B b) { f.gates = nullptr, b.new_deltas = nullptr; });
        }
        tidegate_forward f = call.ahead;
        tidegate_backward b = call.back;
        const tidegate_problem *p = &call.problem;
        float *y = call.forward_y();
        CHECK_EQUAL(bad, guarded([&] { return tidegate_run_forward(nullptr, &f, y, 0, 1); }));
        CHECK_EQUAL(bad, guarded([&] { return tidegate_run_forward(p, nullptr, y, 0, 1); }));
        CHECK_EQUAL(bad, guarded([&] { return tidegate_run_forward(p, &f, nullptr, 0, 1); }));
        CHECK_EQUAL(bad, guarded([&] { return tidegate_run_backward(nullptr, &b, y, nullptr, nullptr); }));
        CHECK_EQUAL(bad, guarded([&] { return tidegate_run_backward(p, nullptr, y, nullptr, nullptr); }));
        CHECK_EQUAL(bad, guarded([&] { return tidegate_run_backward(p, &b, nullptr, nullptr, nullptr); }));
    }
}

TEST(projection_refuses) {
    for (const int64_t cell : cells()) {
        check::Random random(85);
        Case drawn;
        drawn.cell = cell, drawn.hidden = 5, drawn.batch = 2, drawn.time = 3, drawn.features = 4;
        drawn.x.resize(2 * 3 * 4), random.fill(drawn.x, 1.0f);
        drawn.lengths = {3, 2};
        complete(drawn, random);
        drawn.pack_ahead = false;
        ForwardRun forward(drawn);
        const tidegate_problem good = drawn.problem();
        const auto expect = [&](int64_t status, const char *what, auto spoil) {
            check::context() = std::string(what) + " of " + drawn.text();
            tidegate_problem p = good;
            tidegate_forward f = forward.part(0);
            spoil(p, f);
            CHECK_EQUAL(status, guarded([&] { return tidegate_run_forward(&p, &f, forward.y.data(), 0, drawn.save); }));
        };
        const int64_t bad = TIDEGATE_BAD_ARGUMENT;
        expect(TIDEGATE_OK, "nothing", [](P, F) {});
        expect(bad, "x", [](P, F f) { f.x = nullptr; });
        expect(bad, "W_ih", [](P, F f) { f.input = nullptr; });
        expect(bad, "rows of W_ih that overlap", [](P, F f) { f.input_stride = 3; });
        expect(bad, "features -1", [](P p, F) { p.features = -1; });
    }
}

/* Without steps a call still hands states through, so that it still needs somewhere to put them. */
TEST(calls_without_steps) {
    for (const int64_t cell : cells()) {
        const Spoiled call(draw_small(cell, 90 + static_cast<uint64_t>(cell)));
        call.expect(TIDEGATE_OK, "batch 0", [](P p, F, B) { p.batch = 0, p.lengths = nullptr; });
        const std::vector<int64_t> none(static_cast<size_t>(call.drawn.batch), 0);
        call.expect(TIDEGATE_OK, "lengths 0", [&](P p, F, B) { p.lengths = none.data(); });
        call.expect(TIDEGATE_OK, "time 0", [](P p, F, B) { p.time = 0, p.lengths = nullptr; });
        check::context() = "time 0 without hidden_out";
        tidegate_problem p = call.problem;
        tidegate_forward f = call.ahead;
        p.time = 0, p.lengths = nullptr, f.hidden_out = nullptr;
        CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, guarded([&] { return tidegate_run_forward(&p, &f, call.forward_y(), 0, 1); }));
    }
}

TEST(other_functions_refuse_missing_pointers) {
    const int64_t bad = TIDEGATE_BAD_ARGUMENT;
    float numbers[8] = {};
    const tidegate_rows rows{nullptr, nullptr, 2, 1};
    CHECK_EQUAL(bad, guarded([&] { return tidegate_move_rows(2, 2, 1, nullptr, nullptr, &rows, numbers, &rows, 0, 1); }));
    CHECK_EQUAL(bad, guarded([&] { return tidegate_move_rows(2, 2, 1, nullptr, numbers, &rows, nullptr, &rows, 0, 1); }));
}

TEST(states_pass_through_calls_without_steps) {
    for (const int64_t cell : cells())
        for (const int64_t time : {0, 3}) {
            check::Random random(95);
            Case drawn;
            drawn.cell = cell, drawn.hidden = 17, drawn.batch = 3, drawn.time = time;
            complete(drawn, random);
            drawn.lengths.assign(3, 0), drawn.lengths_given = true, drawn.clear = false;
            reference::Inputs &inputs = drawn.inputs[0];
            inputs.hidden_in.resize(3 * 17), random.fill(inputs.hidden_in, 1.0f);
            if (cell == TIDEGATE_LSTM) inputs.memory_in.resize(3 * 17), random.fill(inputs.memory_in, 1.0f);
            drawn.rows = drawn.outputs = layout::by_sequence(3, time, 0);
            check::context() = drawn.text();
            ForwardRun forward(drawn);
            CHECK_EQUAL(TIDEGATE_OK, forward.call());
            forward.hidden_out[0].check_same("hidden_out", inputs.hidden_in);
            Above above;
            above.upstream.resize(1), above.d_hidden_out = {inputs.hidden_in}, above.d_memory_out = {inputs.memory_in};
            drawn.states[0] = {};
            drawn.states[0].memories.resize(static_cast<size_t>(3 * time * 17));
            BackwardRun backward(drawn, above, true);
            CHECK_EQUAL(TIDEGATE_OK, backward.call());
            backward.d_hidden_in[0].check_same("d_hidden_in", inputs.hidden_in);
            if (cell != TIDEGATE_LSTM) continue;
            forward.memory_out[0].check_same("memory_out", inputs.memory_in);
            backward.d_memory_in[0].check_same("d_memory_in", inputs.memory_in);
        }
}

TEST_MAIN
