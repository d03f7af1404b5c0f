// Which instruction sets this machine has, and which is in use.
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "call.h"

namespace tidegate {

namespace {

struct Candidate {
    const Kernels *set;
    bool (*runs)();
};

// Widest first.
const Candidate candidates[] = {
#ifdef TIDEGATE_X86
    {&kernels_avx512,
     [] {
         return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
     }},
    {&kernels_avx2, [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
#endif
    {&kernels_portable, [] { return true; }},
};

const Kernels *named(const char *name) {
    for (const Candidate &one : candidates) {
        if (name && std::strcmp(one.set->name, name) == 0 && one.runs()) return one.set;
    }
    return nullptr;
}

const Kernels *choose() {
    if (const Kernels *wished = named(std::getenv("TIDEGATE_ISA"))) return wished;
    for (const Candidate &one : candidates) {
        if (one.runs()) return one.set;
    }
    return &kernels_portable;
}

std::atomic<const Kernels *> in_use{nullptr};

}  // namespace

const Kernels &kernels() {
    const Kernels *set = in_use.load(std::memory_order_acquire);
    if (!set) {
        set = choose();
        in_use.store(set, std::memory_order_release);
    }
    return *set;
}

}  // namespace tidegate

extern "C" {

const char *tidegate_isa(void) { return tidegate::kernels().name; }

int64_t tidegate_has_isa(const char *name) { return tidegate::named(name) != nullptr; }

int64_t tidegate_use_isa(const char *name) {
    const tidegate::Kernels *set = tidegate::named(name);
    if (set) tidegate::in_use.store(set, std::memory_order_release);
    return set != nullptr;
}

}  // extern "C"
