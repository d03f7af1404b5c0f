#include "generate_sampling.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <functional>

namespace tidegate {

namespace {

constexpr uint64_t golden = 0x9E3779B97F4A7C15ULL;

// The finaliser of SplitMix64: Steele, Lea and Flood 2014, with Stafford's variant 13.
uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

// A number that orders symbols by score, the greatest first, and by their own number among equal scores: one comparison,
// and nothing to look up. The bits of a float are in order but for those below zero, which are turned round.
uint64_t rank_of(float score, int64_t symbol) {
    const float positive_zero = score + 0.0f;  // -0 equals 0
    uint32_t bits;
    std::memcpy(&bits, &positive_zero, sizeof bits);
    const uint32_t rising = bits ^ (bits >> 31 ? 0xFFFFFFFFu : 0x80000000u);
    return static_cast<uint64_t>(~rising) << 32 | static_cast<uint64_t>(symbol);
}

int64_t symbol_of(uint64_t rank) { return static_cast<int64_t>(rank & 0xFFFFFFFFu); }

}  // namespace

double uniform(uint64_t seed, uint64_t position) {
    return static_cast<double>(mixed(mixed(seed) + (position + 1) * golden) >> 11) * 0x1p-53;
}

Sampler::Sampler(const tidegate_sampling &sampling, int64_t symbols)
    : sampling_(sampling), weights_(static_cast<size_t>(symbols)) {
    for (int64_t k = 0; k < symbols; ++k) {
        if (!sampling.never || !sampling.never[k]) allowed_.push_back(k);
    }
}

int64_t Sampler::choose(const float *scores, uint64_t position) {
    scores_ = scores;
    const int64_t best = greatest();
    if (best < 0 || sampling_.temperature == 0) return best;
    kept_ = allowed_;
    keep_top_k();
    double total = weigh(best);
    if (sampling_.top_p < 1) {
        keep_top_p(total);
        total = sum();
    }
    const double target = uniform(sampling_.seed, position) * total;
    double reached = 0;
    for (const int64_t k : kept_) {
        reached += weights_[static_cast<size_t>(k)];
        if (reached > target) return k;
    }
    return kept_.back();
}

int64_t Sampler::greatest() const {
    int64_t best = -1;
    float most = -INFINITY;
    for (const int64_t k : allowed_) {
        if (!(scores_[k] <= FLT_MAX)) return -1;  // NaN too
        if (scores_[k] > most) {
            most = scores_[k];
            best = k;
        }
    }
    return best;
}

void Sampler::keep_top_k() {
    if (sampling_.top_k == 0 || sampling_.top_k >= static_cast<int64_t>(kept_.size())) return;
    rank();
    const auto end = ranked_.begin() + sampling_.top_k;
    std::nth_element(ranked_.begin(), end, ranked_.end());
    ranked_.erase(end, ranked_.end());
    unrank();
}

void Sampler::rank() {
    ranked_.clear();
    for (const int64_t k : kept_) ranked_.push_back(rank_of(scores_[k], k));
}

void Sampler::unrank() {
    kept_.clear();
    for (const uint64_t rank : ranked_) kept_.push_back(symbol_of(rank));
    std::sort(kept_.begin(), kept_.end());
}

double Sampler::weigh(int64_t best) {
    const double most = scores_[best];
    for (const int64_t k : kept_) {
        weights_[static_cast<size_t>(k)] = std::exp((static_cast<double>(scores_[k]) - most) / sampling_.temperature);
    }
    return sum();
}

double Sampler::sum() const {
    double total = 0;
    for (const int64_t k : kept_) total += weights_[static_cast<size_t>(k)];
    return total;
}

// A heap gives one symbol after the other, the likeliest first: a nucleus often holds ten of 50,000 words.
void Sampler::keep_top_p(double total) {
    rank();
    const auto begin = ranked_.begin();
    auto end = ranked_.end();
    std::make_heap(begin, end, std::greater<>());
    const double enough = sampling_.top_p * total;
    for (double reached = 0; end != begin && reached < enough;) {
        std::pop_heap(begin, end--, std::greater<>());
        reached += weights_[static_cast<size_t>(symbol_of(*end))];
    }
    ranked_.erase(begin, end);
    unrank();
}

}  // namespace tidegate
