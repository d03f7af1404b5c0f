// Threads: OpenMP's pool, a barrier that spins, and the floating-point state of a call.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>

namespace tidegate {

// How many threads a call may use: what it asked for, or 1 inside another parallel region and in a forked process.
int64_t allowed_threads(int64_t wanted);

// Runs work(0) … work(threads - 1), each on a thread of its own, all at once; false, with nothing done, if OpenMP gives
// fewer. Denormals are flushed meanwhile. `work` must not throw.
bool run_team(int64_t threads, const std::function<void(int64_t)> &work);

// Flushes denormals to zero while it lives.
class FlushDenormals {
   public:
    FlushDenormals();
    ~FlushDenormals();
    FlushDenormals(const FlushDenormals &) = delete;
    FlushDenormals &operator=(const FlushDenormals &) = delete;

   private:
    uint64_t before_;
};

// All of `threads` threads arrive before any goes on. A step is too short to sleep in.
class Barrier {
   public:
    explicit Barrier(int64_t threads) : threads_(threads) {}
    void arrive();

   private:
    const int64_t threads_;
    std::atomic<int64_t> arrived_{0};
    std::atomic<int64_t> round_{0};
};

}  // namespace tidegate
