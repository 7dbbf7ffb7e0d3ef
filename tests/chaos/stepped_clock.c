/* A clock on the wall that can be set: preloaded, it adds the seconds in the file that STEPPED_CLOCK names.
 *
 * Clocks that only count on are left alone, and so is whoever waits by them. Who waits until a time on the wall, as
 * librdkafka does, is woken by the clock that is not set: for that one the time is put back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>

static long ahead_s(void)
{
    static const long *shared;
    if (shared == NULL) {
        int file = open(getenv("STEPPED_CLOCK"), O_RDONLY | O_CLOEXEC);
        shared = mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, file, 0);
    }
    return *(volatile const long *)shared;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += ahead_s();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec at;
    int failed = clock_gettime(CLOCK_REALTIME, &at);
    now->tv_sec = at.tv_sec;
    now->tv_usec = at.tv_nsec / 1000;
    (void)zone;
    return failed;
}

time_t time(time_t *now)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (now != NULL)
        *now = at.tv_sec;
    return at.tv_sec;
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until)
{
    static int (*real)(cnd_t *, mtx_t *, const struct timespec *);
    if (real == NULL)
        real = (int (*)(cnd_t *, mtx_t *, const struct timespec *))dlsym(RTLD_NEXT, "cnd_timedwait");
    struct timespec meant = *until;
    meant.tv_sec -= ahead_s();
    return real(condition, mutex, &meant);
}
