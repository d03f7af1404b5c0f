/* A tiny test runner: named tests, checks that say where, what was expected and what came, and a generator whose
 * numbers are the same on every machine. Each test file is a program: TEST(name) { ... }, and TEST_MAIN once.
 *
 *     test_forward            runs every test of the file
 *     test_forward threads    runs those whose name holds "threads"
 */
#ifndef TIDEGATE_TESTS_CHECK_H
#define TIDEGATE_TESTS_CHECK_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define TIDEGATE_TESTS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TIDEGATE_TESTS_SANITIZED 1
#endif
#endif
#ifndef TIDEGATE_TESTS_SANITIZED
#define TIDEGATE_TESTS_SANITIZED 0
#endif

namespace check {

/* splitmix64. */
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }

    int64_t below(int64_t bound) { return static_cast<int64_t>(next() % static_cast<uint64_t>(bound)); }
    bool coin() { return (next() >> 63) != 0; }

    float uniform(float low, float high) {
        return low + (high - low) * static_cast<float>(next() >> 40) * (1.0f / 16777216.0f);
    }

    template <class Container> auto pick(const Container &choices) {
        return choices[static_cast<size_t>(below(static_cast<int64_t>(choices.size())))];
    }

    void fill(std::vector<float> &values, float bound) {
        for (float &value : values) value = uniform(-bound, bound);
    }

private:
    uint64_t state_;
};

struct Test {
    const char *name;
    void (*body)();
};

inline std::vector<Test> &registry() {
    static std::vector<Test> tests;
    return tests;
}

struct Registration {
    Registration(const char *name, void (*body)()) { registry().push_back({name, body}); }
};

inline std::atomic<int64_t> &failures() {
    static std::atomic<int64_t> count{0};
    return count;
}

/* What the running test is at: printed with every failure of the thread that set it. */
inline std::string &context() {
    static thread_local std::string text;
    return text;
}

/* Of so many random cases, those that a run has time for: under sanitizers each takes some twenty times as long. */
inline constexpr int64_t sampled(int64_t cases) { return TIDEGATE_TESTS_SANITIZED ? (cases + 9) / 10 : cases; }

/* A wrong kernel fails in every number: the first few say all. */
inline constexpr int64_t shown_failures = 12;

inline void fail(const char *file, int line, const std::string &message) {
    static std::mutex mutex;
    const int64_t before = failures().fetch_add(1);
    if (before >= shown_failures) return;
    const std::lock_guard<std::mutex> lock(mutex);
    std::printf("%s:%d: %s\n", file, line, message.c_str());
    if (!context().empty()) std::printf("    at %s\n", context().c_str());
    std::fflush(stdout);
}

template <class Value> std::string text(const Value &value) {
    std::ostringstream stream;
    stream.precision(9);
    stream << value;
    return stream.str();
}

/* Equal in every bit: NaN equals the same NaN, -0 is not 0. */
inline bool same_bits(float left, float right) { return std::memcmp(&left, &right, sizeof left) == 0; }

template <class Expected, class Came>
void equal(const char *file, int line, const char *what, const Expected &expected, const Came &came) {
    if (expected == came) return;
    fail(file, line, std::string(what) + ": expected " + text(expected) + ", came " + text(came));
}

template <class Text>
void near(const char *file, int line, const Text &what, double expected, double came, double tolerance) {
    const double error = came > expected ? came - expected : expected - came;
    if (error <= tolerance) return; /* false for NaN */
    if (failures() >= shown_failures) { /* millions of texts that nobody sees would take minutes */
        ++failures();
        return;
    }
    fail(file, line, std::string(what) + ": expected " + text(expected) + " within " + text(tolerance) +
                         ", came " + text(came) + ", off by " + text(error));
}

inline int run(int argc, char **argv) {
    int64_t failed = 0, ran = 0;
    for (const Test &test : registry()) {
        bool wanted = argc < 2;
        for (int i = 1; i < argc; ++i) wanted = wanted || std::strstr(test.name, argv[i]) != nullptr;
        if (!wanted) continue;
        failures() = 0;
        context().clear();
        const auto begin = std::chrono::steady_clock::now();
        test.body();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        const int64_t count = failures();
        std::printf("%s %-44s %7.2f s", count ? "FAILED" : "ok    ", test.name, seconds.count());
        std::printf(count ? ", %lld failed checks\n" : "\n", static_cast<long long>(count));
        std::fflush(stdout);
        failed += count != 0;
        ++ran;
    }
    if (ran == 0) std::printf("no test has a name that holds what was asked for\n");
    return failed != 0 || ran == 0;
}

} // namespace check

#define TEST(name)                                                                                                     \
    static void test_##name();                                                                                         \
    static const check::Registration registration_##name(#name, test_##name);                                          \
    static void test_##name()

#define TEST_MAIN                                                                                                      \
    int main(int argc, char **argv) { return check::run(argc, argv); }

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) check::fail(__FILE__, __LINE__, "expected " #condition ", came false");                      \
    } while (false)
#define CHECK_EQUAL(expected, came) check::equal(__FILE__, __LINE__, #came, expected, came)
#define CHECK_NEAR(what, expected, came, tolerance) check::near(__FILE__, __LINE__, what, expected, came, tolerance)

#endif
