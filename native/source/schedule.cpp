#include "schedule.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tidegate {

namespace {

// Cycles, measured on Sapphire Rapids; only their proportions matter, and only for the choice of a schedule.
constexpr double from_first_cache = 0.6;  // to read a vector of weights
constexpr double from_second_cache = 1.2;
constexpr double from_third_cache = 3.0;  // asked for ahead
constexpr double barrier_cycles = 900;
constexpr int64_t first_cache_bytes = 24 << 10;  // half of it: states need some
constexpr int64_t most_lanes = 64;
constexpr int64_t most_lanes_of_large_weights = 256;

struct Part {
    double share;  // of the panels, that one thread runs
    bool large;    // its weights do not stay in the core's own cache
};

double step_cycles(const StepCost &cost, Part part, int64_t lanes) {
    const int64_t tiles = (lanes + cost.tile_rows - 1) / cost.tile_rows;
    const double again = cost.panel_bytes <= first_cache_bytes ? from_first_cache : from_second_cache;
    double vector = 0;
    for (int64_t tile = 0; tile < tiles; ++tile) {
        const double rows = static_cast<double>(lanes * (tile + 1) / tiles - lanes * tile / tiles);
        const double reading = tile ? again : part.large ? from_third_cache : from_second_cache;
        vector += std::hypot(rows / 2, reading);  // two rows a cycle; the two overlap, but not wholly
    }
    return part.share * (vector * static_cast<double>(cost.weight_vectors) + static_cast<double>(lanes) * cost.cell_cycles);
}

// Cycles that sequences of these lengths, longest first, take in so many lanes.
double cycles(const StepCost &cost, Part part, const std::vector<int64_t> &lengths, int64_t lanes, double every_step) {
    const auto count = static_cast<int64_t>(lengths.size());
    std::vector<int64_t> left(lengths.begin(), lengths.begin() + std::min(lanes, count));
    auto next = static_cast<int64_t>(left.size());
    double total = 0;
    while (!left.empty()) {
        const int64_t steps = *std::min_element(left.begin(), left.end());
        total += static_cast<double>(steps) * (step_cycles(cost, part, static_cast<int64_t>(left.size())) + every_step);
        size_t kept = 0;
        for (const int64_t one : left) {
            if (one > steps) {
                left[kept++] = one - steps;
            } else if (next < count) {
                left[kept++] = lengths[static_cast<size_t>(next++)];
            }
        }
        left.resize(kept);
    }
    return total;
}

struct Choice {
    int64_t lanes = 1;
    double cycles = 0;
};

Choice best_lanes(const StepCost &cost, Part part, const std::vector<int64_t> &lengths, double every_step) {
    const auto count = static_cast<int64_t>(lengths.size());
    const int64_t most = part.large ? most_lanes_of_large_weights : most_lanes;
    // Nothing is gained by running the rows of one tile one after the other.
    if (count <= cost.tile_rows) return {count, cycles(cost, part, lengths, count, every_step)};
    std::vector<int64_t> candidates;
    for (int64_t parts = 1; parts <= 4; ++parts) candidates.push_back((count + parts - 1) / parts);
    for (int64_t tiles = 1; tiles <= 4; ++tiles) candidates.push_back(tiles * cost.tile_rows);
    candidates.push_back(most);
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    Choice best;
    for (const int64_t lanes : candidates) {
        if (lanes < 1 || lanes > std::min(count, most)) continue;
        const double needed = cycles(cost, part, lengths, lanes, every_step);
        // More lanes have more states to keep in the caches: they must be worth it.
        if (best.cycles == 0 || needed < 0.98 * best.cycles) best = {lanes, needed};
    }
    return best;
}

std::vector<int64_t> lengths_of(const Work &work, const std::vector<int64_t> &sequences) {
    std::vector<int64_t> lengths;
    for (const int64_t one : sequences) lengths.push_back(work.lengths[static_cast<size_t>(one)]);
    return lengths;
}

// Each sequence, longest first, to the thread that has the least to do.
std::vector<std::vector<int64_t>> deal(const Work &work, const std::vector<int64_t> &sequences, int64_t threads) {
    std::vector<std::vector<int64_t>> hands(static_cast<size_t>(threads));
    std::vector<int64_t> steps(static_cast<size_t>(threads), 0);
    for (const int64_t one : sequences) {
        const auto least = static_cast<size_t>(std::min_element(steps.begin(), steps.end()) - steps.begin());
        hands[least].push_back(one);
        steps[least] += work.lengths[static_cast<size_t>(one)];
    }
    return hands;
}

void add_crews(const Work &work, int64_t direction, int64_t first_thread, int64_t threads,
               const std::vector<int64_t> &sequences, std::vector<Crew> &crews) {
    const bool large = work.cost.weight_vectors * work.weight_bytes_per_vector > second_cache_bytes;
    const Part whole = {1.0, large};
    double longest = 0;
    std::vector<Crew> by_rows;
    int64_t thread = first_thread;
    for (auto &hand : deal(work, sequences, threads)) {
        const Choice choice = best_lanes(work.cost, whole, lengths_of(work, hand), 0);
        longest = std::max(longest, choice.cycles);
        by_rows.push_back({direction, thread++, 1, choice.lanes, std::move(hand)});
    }
    if (threads > 1) {
        const int64_t own = work.cost.weight_vectors * work.weight_bytes_per_vector / threads;
        const Part part = {1.0 / static_cast<double>(threads), own > second_cache_bytes};
        const Choice choice = best_lanes(work.cost, part, lengths_of(work, sequences), barrier_cycles);
        if (choice.cycles < longest) {
            crews.push_back({direction, first_thread, threads, choice.lanes, sequences});
            return;
        }
    }
    for (auto &crew : by_rows) {
        if (!crew.sequences.empty()) crews.push_back(std::move(crew));
    }
}

// One sequence, one thread: a step of a stream, where every microsecond counts.
std::vector<Crew> alone(const Work &work) {
    std::vector<Crew> crews;
    for (int64_t direction = 0; work.lengths[0] > 0 && direction < work.directions; ++direction) {
        crews.push_back({direction, 0, 1, 1, {0}});
    }
    return crews;
}

}  // namespace

std::vector<Crew> schedule(const Work &work) {
    if (work.lengths.size() == 1 && work.threads == 1) return alone(work);

    std::vector<int64_t> sequences;
    for (size_t b = 0; b < work.lengths.size(); ++b) {
        if (work.lengths[b] > 0) sequences.push_back(static_cast<int64_t>(b));
    }
    std::stable_sort(sequences.begin(), sequences.end(), [&](int64_t one, int64_t other) {
        return work.lengths[static_cast<size_t>(one)] > work.lengths[static_cast<size_t>(other)];
    });
    std::vector<Crew> crews;
    if (sequences.empty()) return crews;
    const bool side_by_side = work.directions == 2 && work.threads % 2 == 0;
    const int64_t threads = side_by_side ? work.threads / 2 : work.threads;
    for (int64_t direction = 0; direction < work.directions; ++direction) {
        add_crews(work, direction, side_by_side ? direction * threads : 0, threads, sequences, crews);
    }
    return crews;
}

}  // namespace tidegate
