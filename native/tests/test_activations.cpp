/* The error of sigmoid and tanh over floats of every size, for every instruction set. */
#include <cmath>
#include <limits>

#include "buffer.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr int64_t chunk = 1 << 16;

/* A prime, so that the patterns that are met do not share their low bits. */
constexpr uint64_t pattern_stride = TIDEGATE_TESTS_SANITIZED ? 4099 : 257;

float from_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

using Activation = void (*)(int64_t, const float *, float *);

float one(Activation activation, float x) {
    buffer::Buffer in(std::vector<float>{x}), out(1);
    activation(1, in.data(), out.data());
    in.check_zones("x"), out.check_zones("y");
    return out[0];
}

/* Calls `look` with (x, y) for every pattern_stride-th float, infinities and NaNs among them. */
template <class Look> void over_floats(Activation activation, const Look &look) {
    std::vector<float> x, y;
    for (uint64_t bits = 0; bits < (1ULL << 32);) {
        x.clear();
        for (; bits < (1ULL << 32) && static_cast<int64_t>(x.size()) < chunk; bits += pattern_stride)
            x.push_back(from_bits(static_cast<uint32_t>(bits)));
        y.assign(x.size(), buffer::untouched());
        activation(static_cast<int64_t>(x.size()), x.data(), y.data());
        for (size_t i = 0; i < x.size(); ++i) look(x[i], y[i]);
    }
}

template <class Body> void for_each_set(const Body &body) {
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        check::context() = name;
        body();
    }
}

struct Worst {
    double error = 0.0;
    float at = 0.0f;

    void take(double error_here, float x) {
        if (error_here > error) error = error_here, at = x;
    }

    void check(const char *what, double bound) const {
        CHECK_NEAR(std::string(what) + " at x = " + check::text(at), 0.0, error, bound);
    }
};

/* A value that is smaller than the smallest normal float may be flushed to zero. */
constexpr double smallest = 1.1754943508222875e-38;

} // namespace

/* The relative error grows with -x, whose product with log2(e) is rounded to a float: 3.8e-6 at -84. */
TEST(sigmoid_error) {
    for_each_set([] {
        Worst absolute, relative, flushed;
        over_floats(tidegate_sigmoid, [&](float x, float y) {
            if (std::isnan(x)) {
                CHECK(std::isnan(y));
                return;
            }
            if (!(y >= 0.0f && y <= 1.0f)) CHECK_NEAR("sigmoid beyond 0…1 at " + check::text(x), 0.5, y, 0.5);
            const double expected = 1.0 / (1.0 + std::exp(-double(x)));
            const double error = std::fabs(expected - double(y));
            absolute.take(error, x);
            if (expected >= 1e-37) relative.take(error / expected, x);
            else flushed.take(error, x);
        });
        absolute.check("sigmoid, absolute error", 1.5e-7);
        relative.check("sigmoid, relative error", 4e-6);
        flushed.check("sigmoid, absolute error of values below 1e-37", 1e-37);
    });
}

TEST(tanh_error) {
    for_each_set([] {
        Worst relative, flushed;
        over_floats(tidegate_tanh, [&](float x, float y) {
            if (std::isnan(x)) {
                CHECK(std::isnan(y));
                return;
            }
            if (!(std::fabs(y) <= 1.0f)) CHECK_NEAR("tanh beyond -1…1 at " + check::text(x), 0.0, y, 1.0);
            if (y != 0.0f && std::signbit(y) != std::signbit(x)) CHECK_NEAR("sign of tanh", double(x), y, 0.0);
            const double expected = std::tanh(double(x));
            const double error = std::fabs(expected - double(y));
            if (std::fabs(expected) >= smallest) relative.take(error / std::fabs(expected), x);
            else flushed.take(error, x);
        });
        relative.check("tanh, relative error", 4e-7);
        flushed.check("tanh, absolute error of denormals", smallest);
    });
}

TEST(special_values) {
    for_each_set([] {
        CHECK_EQUAL(1.0f, one(tidegate_sigmoid, infinity));
        CHECK_EQUAL(0.0f, one(tidegate_sigmoid, -infinity));
        CHECK_EQUAL(0.5f, one(tidegate_sigmoid, 0.0f));
        CHECK_EQUAL(0.5f, one(tidegate_sigmoid, -0.0f));
        CHECK_EQUAL(0.5f, one(tidegate_sigmoid, 1e-40f));
        CHECK_EQUAL(0.5f, one(tidegate_sigmoid, -1e-40f));
        CHECK_EQUAL(1.0f, one(tidegate_tanh, infinity));
        CHECK_EQUAL(-1.0f, one(tidegate_tanh, -infinity));
        CHECK_EQUAL(0.0f, one(tidegate_tanh, 0.0f));
        CHECK_EQUAL(0.0f, one(tidegate_tanh, -0.0f)); /* of either sign */
        for (const float largest : {std::numeric_limits<float>::max(), 1e30f, 200.0f, 105.0f}) {
            CHECK_EQUAL(1.0f, one(tidegate_sigmoid, largest));
            CHECK_NEAR("sigmoid of a large negative number", 0.0, one(tidegate_sigmoid, -largest), 1e-37);
            CHECK_EQUAL(1.0f, one(tidegate_tanh, largest));
            CHECK_EQUAL(-1.0f, one(tidegate_tanh, -largest));
        }
        CHECK(std::isnan(one(tidegate_sigmoid, std::nanf(""))) && std::isnan(one(tidegate_sigmoid, -std::nanf(""))));
        CHECK(std::isnan(one(tidegate_tanh, std::nanf(""))) && std::isnan(one(tidegate_tanh, -std::nanf(""))));
    });
}

/* A step down between neighbouring numbers may be as large as rounding makes it, no larger. */
TEST(nearly_monotone) {
    for_each_set([] {
        const int64_t count = TIDEGATE_TESTS_SANITIZED ? 100000 : 1000000;
        std::vector<float> x, y(static_cast<size_t>(count));
        for (int64_t i = 0; i < count; ++i)
            x.push_back(-110.0f + 220.0f * static_cast<float>(i) / static_cast<float>(count));
        tidegate_sigmoid(count, x.data(), y.data());
        for (size_t i = 1; i < y.size(); ++i)
            if (!(y[i] >= y[i - 1] * (1.0f - 6e-6f))) CHECK_NEAR("sigmoid at " + check::text(x[i]), y[i - 1], y[i], 0.0);
        tidegate_tanh(count, x.data(), y.data());
        for (size_t i = 1; i < y.size(); ++i)
            if (!(y[i] >= y[i - 1] - 4e-7f)) CHECK_NEAR("tanh at " + check::text(x[i]), y[i - 1], y[i], 0.0);
    });
}

/* A number's result does not hang on its neighbours nor on where a vector ends. */
TEST(activations_of_any_count) {
    for_each_set([] {
        check::Random random(7);
        for (const Activation activation : {tidegate_sigmoid, tidegate_tanh})
            for (int64_t count = 0; count <= 67; ++count) {
                std::vector<float> values(static_cast<size_t>(count));
                random.fill(values, 6.0f);
                buffer::Buffer in(values), out(count);
                activation(count, in.data(), out.data());
                in.check_same("x", values), out.check_zones("y");
                for (int64_t i = 0; i < count; ++i)
                    CHECK(check::same_bits(one(activation, values[static_cast<size_t>(i)]), out[i]));
                activation(count, in.data(), in.data());
                in.check_same("x in place", out.values());
            }
    });
}

TEST_MAIN
