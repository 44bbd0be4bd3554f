import Foundation
import ProgramSupport

/// Lets the program see another time than it is: a library that is loaded before libc.
enum WrongClock {
    private static let library = Result {
        let folder = try TemporaryFolder()
        try Data(source.utf8).write(to: URL(fileURLWithPath: folder.file("clock.c")))
        try Shell.run("cc -shared -fPIC -o clock.so clock.c", in: folder.url.path)
        return folder
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static long number(const char *name) { const char *text = getenv(name); return text ? atol(text) : 0; }
        static long offset(void) { return number("WRONG_CLOCK"); }
        int clock_gettime(clockid_t id, struct timespec *at) {
            int result = syscall(SYS_clock_gettime, id, at);
            if (id == CLOCK_BOOTTIME) at->tv_sec += number("WRONG_RUNNING_TIME");
            if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE) return result;
            at->tv_sec += offset();
            const char *stopped = getenv("STOPPED_CLOCK");
            if (stopped) {
                double seconds = atof(stopped);
                at->tv_sec = (time_t)seconds;
                at->tv_nsec = (long)((seconds - (double)at->tv_sec) * 1e9);
            }
            return result;
        }
        int gettimeofday(struct timeval *at, void *zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            at->tv_sec = now.tv_sec;
            at->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        time_t time(time_t *at) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (at) *at = now.tv_sec;
            return now.tv_sec;
        }
        """

    /// The environment of a program that sees a clock which is so many days ahead, or behind.
    ///
    /// - Parameter ran: days for which the machine seems to have run meanwhile; as many where it is not given: then it
    ///   looks as if time had passed, and otherwise as if the clock was set.
    static func environment(days: Double, ran: Double? = nil) throws -> [String: String] {
        [
            "LD_PRELOAD": try library.get().file("clock.so"), "WRONG_CLOCK": "\(Int(days * 86_400))",
            "WRONG_RUNNING_TIME": "\(Int((ran ?? days) * 86_400))",
        ]
    }

    /// The environment of a program that sees a clock which stands at `seconds`, Unix time.
    static func environment(stoppedAt seconds: Double) throws -> [String: String] {
        ["LD_PRELOAD": try library.get().file("clock.so"), "STOPPED_CLOCK": "\(seconds)"]
    }
}
