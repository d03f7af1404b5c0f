/* Calls from several threads at once, the floating-point settings that a call leaves behind, and calls after fork(). */
#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "job.h"

using namespace testing;

namespace {

const Grid sizes{{17, 64, 100}, {5, 13, 24}, {5}};
const Grid wide{{384, 512}, {8, 24}, {3}};

/* An endless wait in the library must fail the test, not stop the run. */
constexpr unsigned child_seconds = 30;

/* Exit status of `body` in a forked child, or minus the signal that ended it. */
template <class Body> int in_child(const Body &body) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(child_seconds);
        _exit(body());
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return -1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

} // namespace

TEST(several_threads_call_at_once) {
    constexpr size_t callers = 4;
    constexpr int repeats = 10;
    std::vector<Job> jobs;
    std::vector<std::vector<float>> expected;
    for (size_t i = 0; i < callers; ++i) {
        jobs.push_back(draw_job(static_cast<int64_t>(i), i == 2 ? wide : sizes, 100 + i));
        jobs.back().drawn.threads = 1 + static_cast<int64_t>(i % 3);
        expected.push_back(jobs.back().run());
    }
    std::vector<std::thread> threads;
    std::atomic<int64_t> different{0};
    for (size_t i = 0; i < callers; ++i)
        threads.emplace_back([&, i] {
            check::context() = jobs[i].drawn.text();
            for (int repeat = 0; repeat < repeats; ++repeat) different += !same(expected[i], jobs[i].run());
        });
    for (std::thread &thread : threads) thread.join();
    CHECK_EQUAL(0, different.load());
}

/* The first call of all, from several threads: what the library sets up once, it sets up for all of them. */
TEST(first_calls_meet) {
    const int status = in_child([] {
        const Job job = draw_job(TIDEGATE_GRU, sizes, 5);
        std::vector<std::vector<float>> results(4);
        std::vector<std::thread> threads;
        for (std::vector<float> &result : results) threads.emplace_back([&] { result = job.run(); });
        for (std::thread &thread : threads) thread.join();
        for (const std::vector<float> &result : results)
            if (!same(results[0], result)) return 1;
        return check::failures() ? 2 : 0;
    });
    CHECK_EQUAL(0, status);
}

#if defined(__x86_64__)
/* Of the status register, all but the flags of exceptions, which arithmetic may raise. */
constexpr unsigned settings = 0xFFC0;

TEST(floating_point_settings_are_restored) {
    const unsigned before = _mm_getcsr();
    for (const int64_t cell : cells())
        for (const unsigned caller : {before & ~0x8040u, before | 0x8000u, before | 0x0040u, before | 0x8040u}) {
            Job job = draw_job(cell, sizes, 9);
            job.drawn.threads = 1 + static_cast<int64_t>(caller % 2);
            check::context() = job.drawn.text();
            std::vector<float> numbers{1e-40f, 0.5f, -3.0f};
            _mm_setcsr(caller);
            const std::vector<float> results = job.run();
            const unsigned after_passes = _mm_getcsr();
            tidegate_sigmoid(3, numbers.data(), numbers.data());
            tidegate_tanh(3, numbers.data(), numbers.data());
            const unsigned after_activations = _mm_getcsr();
            _mm_setcsr(before);
            CHECK_EQUAL(caller & settings, after_passes & settings);
            CHECK_EQUAL(caller & settings, after_activations & settings);
            CHECK(same(job.run(), results)); /* whatever the caller's setting */
        }
}

/* A caller that has failed its arguments must get its settings back as well. */
TEST(floating_point_settings_are_restored_after_errors) {
    const unsigned before = _mm_getcsr();
    Job job = draw_job(TIDEGATE_LSTM, sizes, 9);
    ForwardRun run(job.drawn);
    tidegate_problem problem = job.drawn.problem();
    problem.cell = 77;
    CHECK_EQUAL(TIDEGATE_BAD_ARGUMENT, tidegate_run_forward(&problem, nullptr, run.y.data(), 0, 0));
    CHECK_EQUAL(before & settings, _mm_getcsr() & settings);
}
#endif

/* Not under sanitizers: AddressSanitizer's allocator, other than glibc's, does not take its locks before a fork, and a child
 * that is forked while another thread allocates may wait for ever (seen once in twenty runs). */
#if !TIDEGATE_TESTS_SANITIZED

/* OpenMP's pool is in use before the fork; a child that asked for it would wait for ever. */
TEST(child_of_a_process_that_used_threads) {
    for (const int64_t cell : cells())
        for (const Grid &grid : {sizes, wide}) {
            Job job = draw_job(cell, grid, 40 + static_cast<uint64_t>(cell));
            job.drawn.threads = 2;
            check::context() = job.drawn.text();
            const std::vector<float> expected = job.run();
            const int status = in_child([&] {
                job.drawn.threads = 4;
                return same(expected, job.run()) ? 0 : 1;
            });
            CHECK_EQUAL(0, status);
            CHECK(same(expected, job.run())); /* the parent goes on as before */
        }
}

TEST(grandchild) {
    Job job = draw_job(TIDEGATE_LSTM, wide, 50);
    job.drawn.threads = 2;
    const std::vector<float> expected = job.run();
    const int status = in_child([&] {
        if (!same(expected, job.run())) return 1;
        return in_child([&] { return same(expected, job.run()) ? 0 : 2; });
    });
    CHECK_EQUAL(0, status);
}

#endif

TEST_MAIN
