/* Generation: scores against plain loops of doubles, writing against reading and drawing step by step, draws against the
 * reference written out with a whole sort. */
#include <cmath>
#include <limits>
#include <memory>

#include "case.h"
#include "tidegate/generate.h"

using testing::cells;

namespace {

using reference::Doubles;
using reference::Floats;

struct Layer {
    int64_t cell, hidden;
    Floats input, recurrent, input_bias, recurrent_bias;
};

/* A model of random sizes and weights. */
struct Model {
    int64_t symbols, embedded;
    bool tabled;
    Floats embedding, projection, output, output_bias;
    std::vector<Layer> layers;
    std::vector<tidegate_generation_layer> views;
    std::unique_ptr<float, void (*)(void *)> packed{nullptr, std::free};

    Model(int64_t cell, check::Random &random)
        : symbols(1 + random.below(140)), embedded(1 + random.below(40)), tabled(random.coin()) {
        const auto drawn = [&](int64_t rows, int64_t columns, float bound) {
            Floats values(static_cast<size_t>(rows * columns));
            random.fill(values, bound);
            return values;
        };
        embedding = drawn(symbols, embedded, 2.0f);
        int64_t features = embedded;
        const bool biased = random.coin();
        for (int64_t l = 1 + random.below(3); l > 0; --l) {
            const int64_t hidden = 1 + random.below(70), rows = reference::blocks(cell) * hidden;
            const float bound = 1.5f / std::sqrt(static_cast<float>(std::max(features, hidden)));
            layers.push_back({cell, hidden, drawn(rows, features, bound), drawn(rows, hidden, bound),
                              drawn(biased ? rows : 0, 1, 0.5f), drawn(biased ? rows : 0, 1, 0.5f)});
            features = hidden;
        }
        if (random.coin()) {
            projection = drawn(embedded, features, 0.5f);
            features = embedded;
        }
        output = drawn(symbols, features, 0.5f);
        if (random.coin()) output_bias = drawn(symbols, 1, 1.0f);
    }

    static const float *given(const Floats &values) { return values.empty() ? nullptr : values.data(); }

    tidegate_generation_model view() {
        views.clear();
        for (const Layer &one : layers) {
            views.push_back({one.cell, one.hidden, one.input.data(), one.recurrent.data(), given(one.input_bias),
                             given(one.recurrent_bias)});
        }
        return {symbols, embedded, static_cast<int64_t>(layers.size()), tabled, embedding.data(), views.data(),
                given(projection), output.data(), given(output_bias)};
    }

    /* Not a float more than asked for, and a zone behind. */
    const float *pack() {
        const tidegate_generation_model model = view();
        const int64_t size = tidegate_generation_size(&model), zone = buffer::zone_behind;
        void *memory = nullptr;
        CHECK(size > 0);
        if (posix_memalign(&memory, 64, static_cast<size_t>(size + zone) * sizeof(float)) != 0) std::abort();
        packed.reset(static_cast<float *>(memory));
        std::fill_n(packed.get(), size + zone, buffer::untouched());
        CHECK_EQUAL(TIDEGATE_OK, tidegate_generation_pack(&model, packed.get()));
        for (int64_t i = size; i < size + zone; ++i) CHECK(buffer::is_untouched(packed.get()[i]));
        return packed.get();
    }

    buffer::Buffer states(check::Random &random) const {
        int64_t floats = 0;
        for (const Layer &one : layers) floats += one.hidden * (one.cell == TIDEGATE_LSTM ? 2 : 1);
        Floats values(static_cast<size_t>(floats));
        random.fill(values, 0.9f);
        return buffer::Buffer(values);
    }
};

Doubles product(const Floats &matrix, const Floats &bias, const Doubles &x) {
    Doubles y(matrix.size() / x.size());
    for (size_t i = 0; i < y.size(); ++i) {
        if (!bias.empty()) y[i] = bias[i];
        for (size_t k = 0; k < x.size(); ++k) y[i] += double(matrix[i * x.size() + k]) * x[k];
    }
    return y;
}

Floats rounded(const Doubles &values) { return Floats(values.begin(), values.end()); }

/* Reads symbols by the reference of the cells: the scores; states in and out. */
Doubles by_reference(const Model &model, Doubles &states, const std::vector<int64_t> &symbols) {
    Doubles x;
    for (const int64_t symbol : symbols) {
        const auto row = model.embedding.begin() + symbol * model.embedded;
        x.assign(row, row + model.embedded);
        auto state = states.begin();
        for (const Layer &one : model.layers) {
            const bool lstm = one.cell == TIDEGATE_LSTM;
            reference::Inputs inputs{one.recurrent, one.input_bias, one.recurrent_bias, rounded(product(one.input, {}, x)), {},
                                     Floats(state, state + one.hidden), {}};
            if (lstm) inputs.memory_in.assign(state + one.hidden, state + 2 * one.hidden);
            const reference::States after = reference::forward({one.cell, one.hidden, 1, 1, false, {1}}, inputs);
            state = std::copy(after.hidden_out.begin(), after.hidden_out.end(), state);
            if (lstm) state = std::copy(after.memory_out.begin(), after.memory_out.end(), state);
            x = after.hidden_out;
        }
    }
    if (!model.projection.empty()) x = product(model.projection, {}, x);
    return product(model.output, model.output_bias, x);
}

std::vector<int64_t> symbols_of(const Model &model, int64_t count, check::Random &random) {
    std::vector<int64_t> symbols(static_cast<size_t>(count));
    for (int64_t &symbol : symbols) symbol = random.below(model.symbols);
    return symbols;
}

double mixed(uint64_t seed, uint64_t position) { /* the position-th number after the seed's own first */
    const auto mix = [](uint64_t z) { return check::Random(z - 0x9E3779B97F4A7C15ULL).next(); };
    return static_cast<double>(mix(mix(seed) + (position + 1) * 0x9E3779B97F4A7C15ULL) >> 11) / 9007199254740992.0;
}

/* The specification of sampling, step by step as its file says it. */
int64_t chosen(const Floats &scores, const tidegate_sampling &how, uint64_t position) {
    std::vector<size_t> order;
    for (size_t k = 0; k < scores.size(); ++k)
        if (!how.never || !how.never[k]) order.push_back(k);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
    if (how.temperature == 0) return static_cast<int64_t>(order[0]);
    if (how.top_k > 0 && static_cast<size_t>(how.top_k) < order.size()) order.resize(static_cast<size_t>(how.top_k));
    const double most = scores[order[0]];
    const auto weight = [&](size_t k) { return std::exp((double(scores[k]) - most) / how.temperature); };
    const auto total = [&] {
        std::vector<size_t> kept = order;
        std::sort(kept.begin(), kept.end());
        double sum = 0;
        for (const size_t k : kept) sum += weight(k);
        return sum;
    };
    if (how.top_p < 1) {
        const double enough = how.top_p * total();
        double reached = 0;
        for (size_t i = 0; i < order.size(); ++i)
            if ((reached += weight(order[i])) >= enough) order.resize(i + 1);
    }
    const double target = mixed(how.seed, position) * total();
    std::sort(order.begin(), order.end());
    double reached = 0;
    for (const size_t k : order)
        if ((reached += weight(k)) > target) return static_cast<int64_t>(k);
    return static_cast<int64_t>(order.back());
}

} // namespace

TEST(scores_follow_the_reference) {
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        check::Random random(11);
        for (int64_t i = 0; i < check::sampled(120); ++i) {
            Model model(random.pick(cells()), random);
            check::context() = name + " case " + check::text(i);
            const float *packed = model.pack();
            const tidegate_generation_model view = model.view();
            buffer::Buffer states = model.states(random), scores(model.symbols);
            const Floats before = states.values();
            Doubles expected(before.begin(), before.end());
            const std::vector<int64_t> symbols = symbols_of(model, 1 + random.below(6), random);
            const Doubles expected_scores = by_reference(model, expected, symbols);
            CHECK_EQUAL(TIDEGATE_OK, tidegate_generation_read(&view, packed, states.data(), symbols.data(),
                                                              static_cast<int64_t>(symbols.size()), scores.data()));
            for (int64_t j = 0; j < states.size(); ++j) CHECK_NEAR("state", expected[size_t(j)], states[j], 1e-5);
            for (int64_t k = 0; k < scores.size(); ++k) CHECK_NEAR("score", expected_scores[size_t(k)], scores[k], 2e-5);
            states.check_zones("states"), scores.check_zones("scores");
        }
    }
}

/* One call of twenty, calls of seven, and reading and drawing by hand: the same symbols, the same bits of state. */
TEST(writing_is_reading_and_drawing) {
    for (const std::string &name : buffer::instruction_sets()) {
        CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
        check::Random random(12);
        for (int64_t i = 0; i < check::sampled(60); ++i) {
            Model model(random.pick(cells()), random);
            check::context() = name + " case " + check::text(i);
            const float *packed = model.pack();
            const tidegate_generation_model view = model.view();
            tidegate_sampling how{0.9, random.coin() ? 1.0 : 0.8, random.below(9), random.next(), nullptr, nullptr};
            std::vector<uint8_t> stop(static_cast<size_t>(model.symbols));
            stop[static_cast<size_t>(random.below(model.symbols))] = random.coin();
            how.stop = stop.data();
            const int64_t count = 20;
            buffer::Buffer whole = model.states(random), parts(whole.values()), by_hand(whole.values()), scores(model.symbols);
            std::vector<int64_t> all(count + 1, -7), pieces(count + 1, -7), single(count + 1, -7);
            all[0] = pieces[0] = single[0] = random.below(model.symbols);
            int64_t written = -1, done = 0, drawn = 0;
            CHECK_EQUAL(TIDEGATE_OK, tidegate_generation_write(&view, packed, whole.data(), &how, 5, all.data(), count, &written));
            for (bool ended = false; done < count && !ended;) {
                int64_t some = -1;
                const int64_t asked = std::min<int64_t>(7, count - done);
                CHECK_EQUAL(TIDEGATE_OK, tidegate_generation_write(&view, packed, parts.data(), &how, 5 + static_cast<uint64_t>(done),
                                                                   pieces.data() + done, asked, &some));
                done += some;
                ended = some < asked || stop[static_cast<size_t>(pieces[static_cast<size_t>(done)])];
            }
            for (bool ended = false; drawn < count && !ended; ++drawn) {
                int64_t *next = single.data() + drawn;
                CHECK_EQUAL(TIDEGATE_OK, tidegate_generation_read(&view, packed, by_hand.data(), next, 1, scores.data()));
                CHECK_EQUAL(TIDEGATE_OK, tidegate_generation_choose(model.symbols, scores.data(), &how,
                                                                    5 + static_cast<uint64_t>(drawn), next + 1));
                ended = stop[static_cast<size_t>(next[1])];
            }
            CHECK_EQUAL(written, done);
            CHECK_EQUAL(written, drawn);
            CHECK(all == pieces && all == single);
            parts.check_same("states of parts", whole.values()), by_hand.check_same("states by hand", whole.values());
        }
    }
}

TEST(draws_follow_the_reference) {
    check::Random random(13);
    for (int64_t i = 0; i < check::sampled(4000); ++i) {
        Floats scores(static_cast<size_t>(1 + random.below(i % 50 == 0 ? 3000 : 80)));
        random.fill(scores, random.coin() ? 6.0f : 1.0f);
        const bool ties = random.coin();
        for (float &score : scores) {
            if (ties) score = std::round(score); /* -0 among them */
            if (random.below(10) == 0) score = -std::numeric_limits<float>::infinity();
        }
        std::vector<uint8_t> never(scores.size());
        for (uint8_t &one : never) one = random.below(5) == 0;
        const auto free = static_cast<size_t>(random.below(static_cast<int64_t>(scores.size())));
        never[free] = 0, scores[free] = 1.0f;
        const double temperatures[] = {0, 1e-300, 0.1, 1, 1000}, nuclei[] = {1e-9, 0.5, 0.9, 0.999999, 1};
        const tidegate_sampling how{temperatures[random.below(5)], nuclei[random.below(5)],
                                    random.coin() ? 0 : 1 + random.below(100), random.next(),
                                    random.coin() ? nullptr : never.data(), nullptr};
        if (how.never == nullptr && ties) scores[free] = std::numeric_limits<float>::max();
        int64_t came = -1;
        check::context() = "case " + check::text(i);
        CHECK_EQUAL(TIDEGATE_OK, tidegate_generation_choose(static_cast<int64_t>(scores.size()), scores.data(), &how, 3, &came));
        CHECK_EQUAL(chosen(scores, how, 3), came);
    }
}

TEST(scores_that_are_not_finite_are_refused) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
    const uint8_t never[3] = {0, 1, 0};
    const tidegate_sampling all{1, 1, 0, 0, nullptr, nullptr}, some{1, 1, 0, 0, never, nullptr};
    const Floats cases[] = {{0, nan, 0}, {0, infinite, 0}, {-infinite, -infinite, -infinite}};
    for (const Floats &scores : cases) {
        int64_t came = -1;
        CHECK_EQUAL(int64_t{TIDEGATE_NOT_FINITE}, tidegate_generation_choose(3, scores.data(), &all, 0, &came));
        const int64_t expected = scores[0] == 0 ? int64_t{TIDEGATE_OK} : int64_t{TIDEGATE_NOT_FINITE};
        CHECK_EQUAL(expected, tidegate_generation_choose(3, scores.data(), &some, 0, &came));
    }
    check::Random random(14);
    Model model(TIDEGATE_GRU, random);
    model.output[0] = nan;
    const float *packed = model.pack();
    const tidegate_generation_model view = model.view();
    buffer::Buffer states = model.states(random);
    std::vector<int64_t> symbols(6, 0);
    int64_t written = -1;
    CHECK_EQUAL(int64_t{TIDEGATE_NOT_FINITE},
                tidegate_generation_write(&view, packed, states.data(), &all, 0, symbols.data(), 5, &written));
    CHECK_EQUAL(0, written);
}

TEST(refuses) {
    check::Random random(15);
    Model model(TIDEGATE_LSTM, random);
    const float *packed = model.pack();
    const tidegate_generation_model good = model.view();
    buffer::Buffer states = model.states(random), scores(model.symbols);
    const Floats before = states.values();
    std::vector<int64_t> symbols(9, 0);
    const int64_t bad = TIDEGATE_BAD_ARGUMENT, strange = TIDEGATE_BAD_SYMBOL, ok = TIDEGATE_OK;
    int64_t written = 0;
    const auto read = [&](const int64_t *from, int64_t count, float *to) {
        return tidegate_generation_read(&good, packed, states.data(), from, count, to);
    };
    const auto write = [&](tidegate_sampling how, int64_t count) {
        return tidegate_generation_write(&good, packed, states.data(), &how, 0, symbols.data(), count, &written);
    };
    CHECK_EQUAL(ok, read(nullptr, 0, nullptr));
    CHECK_EQUAL(bad, read(nullptr, 1, nullptr));
    CHECK_EQUAL(bad, read(symbols.data(), 0, scores.data()));
    CHECK_EQUAL(bad, read(symbols.data(), -1, nullptr));
    CHECK_EQUAL(ok, write({1, 1, 0, 0, nullptr, nullptr}, 0));
    for (const tidegate_sampling how : {tidegate_sampling{-1, 1, 0, 0, nullptr, nullptr}, {NAN, 1, 0, 0, nullptr, nullptr},
                                        {1, 0, 0, 0, nullptr, nullptr}, {1, 1.5, 0, 0, nullptr, nullptr},
                                        {1, 1, -1, 0, nullptr, nullptr}})
        CHECK_EQUAL(bad, write(how, 4));
    for (const int64_t symbol : {int64_t{-1}, model.symbols}) {
        symbols[0] = symbol;
        CHECK_EQUAL(strange, write({1, 1, 0, 0, nullptr, nullptr}, 4));
        CHECK_EQUAL(strange, read(symbols.data(), 1, nullptr));
    }
    states.check_same("states", before);
    for (int part = 0; part < 6; ++part) {
        tidegate_generation_model broken = model.view();
        std::vector<tidegate_generation_layer> layers = model.views;
        broken.layer = layers.data();
        if (part == 0) broken.symbols = 0;
        if (part == 1) broken.layers = 0;
        if (part == 2) broken.embedding = nullptr;
        if (part == 3) layers[0].cell = 4;
        if (part == 4) layers[0].hidden = 0;
        if (part == 5) layers[0].recurrent = nullptr;
        CHECK_EQUAL(0, tidegate_generation_size(&broken));
        CHECK_EQUAL(bad, tidegate_generation_pack(&broken, const_cast<float *>(packed)));
    }
    CHECK_EQUAL(0, tidegate_generation_size(nullptr));
}

TEST_MAIN
