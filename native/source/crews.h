// Runs the crews of a schedule on the threads of a team: what both passes have in common.
#pragma once
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "call.h"

namespace tidegate {

// A Runner is one thread of a crew, made of (pass, crew, member, states); run(barrier) is its part of the work. After all
// of its runners a thread calls after(thread, threads). False, with nothing done, if the threads cannot be had.
template <class Runner, class Pass, class States, class After>
bool run_crews(const Pass &pass, const std::vector<Crew> &crews, const std::vector<States> &states, int64_t threads,
               const After &after) {
    if (threads == 1) {
        const FlushDenormals flush;
        Barrier none(1);
        if (pass.weights.needs_packing()) pass.weights.pack(0, 1);
        for (size_t i = 0; i < crews.size(); ++i) Runner(pass, crews[i], 0, states[i]).run(none);
        after(0, 1);
        return true;
    }
    std::deque<Barrier> barriers;
    std::deque<Runner> runners;
    std::vector<std::vector<std::pair<Runner *, Barrier *>>> turns(static_cast<size_t>(threads));
    for (size_t i = 0; i < crews.size(); ++i) {
        barriers.emplace_back(crews[i].threads);
        for (int64_t member = 0; member < crews[i].threads; ++member) {
            runners.emplace_back(pass, crews[i], member, states[i]);
            turns[static_cast<size_t>(crews[i].first_thread + member)].emplace_back(&runners.back(), &barriers.back());
        }
    }
    Barrier packed(threads);
    return run_team(threads, [&](int64_t thread) {
        if (pass.weights.needs_packing()) {
            pass.weights.pack(thread, threads);
            packed.arrive();
        }
        for (auto &[runner, barrier] : turns[static_cast<size_t>(thread)]) runner->run(*barrier);
        after(thread, threads);
    });
}

}  // namespace tidegate
