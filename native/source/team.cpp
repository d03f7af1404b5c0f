#include "team.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace tidegate {

namespace {

std::atomic<bool> forked{false};

// OpenMP's pool stays behind in the parent: the child would wait for it for ever.
const int watching_forks = pthread_atfork(nullptr, nullptr, [] { forked.store(true); });

constexpr int spins_before_yielding = 4096;

inline void pause() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

int64_t allowed_threads(int64_t wanted) {
    (void)watching_forks;
    if (wanted <= 1 || forked.load(std::memory_order_relaxed) || omp_in_parallel()) return 1;
    return wanted;
}

bool run_team(int64_t threads, const std::function<void(int64_t)> &work) {
    if (threads == 1) {
        const FlushDenormals flush;
        work(0);
        return true;
    }
    bool complete = true;
#pragma omp parallel num_threads(static_cast<int>(threads))
    {
        if (omp_get_num_threads() == static_cast<int>(threads)) {
            const FlushDenormals flush;
            work(omp_get_thread_num());
        } else if (omp_get_thread_num() == 0) {
            complete = false;
        }
    }
    return complete;
}

#if defined(__x86_64__)
FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) {
    constexpr unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
    _mm_setcsr(static_cast<unsigned>(before_) | flush_to_zero | denormals_are_zero);
}
FlushDenormals::~FlushDenormals() { _mm_setcsr(static_cast<unsigned>(before_)); }
#elif defined(__aarch64__)
FlushDenormals::FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" : : "r"(before_ | (uint64_t{1} << 24)));
}
FlushDenormals::~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(before_)); }
#else
FlushDenormals::FlushDenormals() : before_(0) {}
FlushDenormals::~FlushDenormals() = default;
#endif

void Barrier::arrive() {
    const int64_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) == threads_ - 1) {
        arrived_.store(0, std::memory_order_relaxed);
        round_.store(round + 1, std::memory_order_release);
        return;
    }
    for (int spins = 0; round_.load(std::memory_order_acquire) == round; ++spins) {
        if (spins < spins_before_yielding) {
            pause();
        } else {
            sched_yield();
        }
    }
}

}  // namespace tidegate
