// The draw of a symbol from its scores. tidegate.ops.generation.sampling says what must come out, to the bit.
#pragma once
#include <cstdint>
#include <vector>

#include "tidegate/generate.h"

namespace tidegate {

// A number from 0 to below 1, of 53 bits.
double uniform(uint64_t seed, uint64_t position);

class Sampler {
   public:
    Sampler(const tidegate_sampling &sampling, int64_t symbols);
    // The symbol; below 0: the scores are not finite.
    int64_t choose(const float *scores, uint64_t position);

   private:
    int64_t greatest() const;
    // `kept_` into `ranked_`, and back in the order of their numbers.
    void rank();
    void unrank();
    void keep_top_k();
    double weigh(int64_t best);
    void keep_top_p(double total);
    double sum() const;

    const tidegate_sampling sampling_;
    const float *scores_ = nullptr;
    std::vector<int64_t> allowed_;
    std::vector<int64_t> kept_;    // of those, the symbols that may be drawn this time, in their own order
    std::vector<uint64_t> ranked_;
    std::vector<double> weights_;  // by symbol; those of `kept_` count
};

}  // namespace tidegate
