/* The schedule: it gives every step to one crew, shares columns where it should, and changes no bit of any result. */
#include "call.h"
#include "corners.h"
#include "job.h"

using namespace testing;

namespace {

using Crews = std::vector<tidegate::Crew>;

std::array<Crews, 2> schedules(const Case &drawn) {
    const tidegate_problem problem = drawn.problem();
    return {tidegate::schedule_forward(problem, tidegate::kernels(), drawn.threads),
            tidegate::schedule_backward(problem, tidegate::kernels(), drawn.threads)};
}

/* A case without numbers: the schedule asks for sizes and lengths alone. */
Case draw_sizes(check::Random &random) {
    Case drawn;
    drawn.cell = random.below(4);
    drawn.hidden = 1 + random.below(random.coin() ? 40 : 900);
    drawn.batch = 1 + random.below(random.coin() ? 6 : 300);
    drawn.time = random.below(random.coin() ? 4 : 200);
    drawn.directions = 1 + random.below(2);
    drawn.threads = 1 + random.below(7);
    draw_lengths(drawn, random);
    return drawn;
}

/* Every sequence of a length above 0 once a direction, longest first, on threads and in lanes that there are. */
void check_crews(const Case &drawn, const Crews &crews) {
    std::vector<int64_t> times(static_cast<size_t>(drawn.directions * drawn.batch), 0);
    for (const tidegate::Crew &crew : crews) {
        const int64_t count = static_cast<int64_t>(crew.sequences.size());
        CHECK(crew.direction >= 0 && crew.direction < drawn.directions);
        CHECK(crew.first_thread >= 0 && crew.threads >= 1 && crew.first_thread + crew.threads <= drawn.threads);
        CHECK(crew.lanes >= 1 && crew.lanes <= count);
        int64_t before = drawn.time;
        for (const int64_t b : crew.sequences) {
            const int64_t length = drawn.lengths[static_cast<size_t>(b)];
            CHECK(length <= before);
            before = length;
            ++times[static_cast<size_t>(crew.direction * drawn.batch + b)];
        }
    }
    for (size_t i = 0; i < times.size(); ++i)
        CHECK_EQUAL(drawn.lengths[i % drawn.lengths.size()] > 0 ? 1 : 0, times[i]);
}

bool shares_columns(const Crews &crews) {
    return std::any_of(crews.begin(), crews.end(), [](const tidegate::Crew &crew) { return crew.threads > 1; });
}

bool hands_over(const Crews &crews) {
    return std::any_of(crews.begin(), crews.end(), [](const tidegate::Crew &crew) {
        return crew.lanes < static_cast<int64_t>(crew.sequences.size());
    });
}

template <class Look> void over_corners(const Look &look) {
    for (const int64_t cell : cells()) {
        check::Random random(70 + static_cast<uint64_t>(cell));
        for (const Corner &corner : corners(cell)) {
            const Job job = make_job(draw_corner(cell, corner, random), random);
            for (const std::string &name : buffer::instruction_sets()) {
                CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
                check::context() = name + " " + corner.name + ": " + job.drawn.text();
                look(corner, job);
            }
        }
    }
}

} // namespace

TEST(every_sequence_has_one_crew) {
    check::Random random(1);
    for (int64_t i = 0; i < check::sampled(2000); ++i) {
        const Case drawn = draw_sizes(random);
        for (const std::string &name : buffer::instruction_sets()) {
            CHECK_EQUAL(1, tidegate_use_isa(name.c_str()));
            check::context() = name + " " + drawn.text();
            for (const Crews &crews : schedules(drawn)) check_crews(drawn, crews);
        }
    }
}

/* Else the corners would be corners in name only. */
TEST(corners_are_what_they_are_for) {
    over_corners([](const Corner &corner, const Job &job) {
        const std::string name = corner.name;
        for (const Crews &crews : schedules(job.drawn)) {
            if (name.find("columns, 3 threads, both") == 0) continue; /* may go either way */
            if (name.find("columns") == 0 || name.find(", large") != std::string::npos) CHECK(shares_columns(crews));
            if (name.find("lanes") == 0) CHECK(hands_over(crews));
        }
    });
}

TEST(threads_change_no_bit) {
    over_corners([](const Corner &, const Job &job) {
        const std::vector<float> expected = job.run(1);
        for (int64_t threads = TIDEGATE_TESTS_SANITIZED ? 3 : 2; threads <= (TIDEGATE_TESTS_SANITIZED ? 3 : 4); ++threads)
            CHECK(same(expected, job.run(threads)));
        CHECK(same(expected, job.run()));
    });
}

TEST_MAIN
