/*
 * Preloaded under a process that writes a store, this tells all that the process does to the files of one folder, in order, in one log.
 * From the log a test knows what a disk may hold if the power goes at any point: what was synced, and of the rest whatever luck has left.
 *
 * Calls of one folder are taken one after another: the log's order is theirs. Syncs are told and not made, since nobody cuts the real power.
 * Nothing of the index of the log (-shm) is told: it is memory that two processes share, and no power cut leaves it.
 *
 * One entry: kind, inode, offset, length (four numbers of 64 bits as the machine has them), then that many bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPENED = 1, WRITTEN, CUT, SYNCED, FOLDER_SYNCED, REMOVED };
enum { NONE, FOLDER, FILE_OF_IT };
enum { MOST = 4096 };

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static int told_to = -1;
static unsigned char what[MOST];
static uint64_t inode_of[MOST];

__attribute__((constructor)) static void begin(void) {
    folder = getenv("POWER_FOLDER");
    const char *path = getenv("POWER_LOG");
    if (folder == NULL || path == NULL) {
        folder = NULL;
        return;
    }
    told_to = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (told_to < 0) abort();
}

/* The name of a file in the folder, or nothing. */
static const char *name_in(const char *path) {
    if (folder == NULL || path == NULL) return NULL;
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0 || path[length] != '/') return NULL;
    const char *name = path + length + 1;
    size_t rest = strlen(name);
    if (rest == 0 || strchr(name, '/') != NULL) return NULL;
    if (rest > 4 && strcmp(name + rest - 4, "-shm") == 0) return NULL;
    return name;
}

static void tell(uint64_t kind, uint64_t inode, uint64_t at, const void *bytes, uint64_t length) {
    uint64_t head[4] = {kind, inode, at, length};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
    /* One call, so that a killed process leaves at most its last entry by halves. */
    ssize_t done = syscall(SYS_writev, told_to, parts, length == 0 ? 1 : 2);
    if (done != (ssize_t)(sizeof head + length)) abort();
}

static int ours(int fd) { return fd >= 0 && fd < MOST && what[fd] != NONE; }

static int opened(const char *path, int flags, mode_t mode) {
    const char *name = name_in(path);
    int is_folder = folder != NULL && path != NULL && strcmp(path, folder) == 0;
    if (name == NULL && !is_folder) return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&one);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    int kept = errno;
    if (fd >= MOST) abort();
    if (fd >= 0) {
        struct stat is;
        if (fstat(fd, &is) != 0) abort();
        what[fd] = is_folder ? FOLDER : FILE_OF_IT;
        inode_of[fd] = (uint64_t)is.st_ino;
        if (!is_folder) {
            tell(OPENED, inode_of[fd], 0, name, strlen(name));
            if (flags & O_TRUNC) tell(CUT, inode_of[fd], 0, NULL, 0);
        }
    }
    pthread_mutex_unlock(&one);
    errno = kept;
    return fd;
}

#define OPEN_LIKE(NAME)                                                        \
    int NAME(const char *path, int flags, ...) {                               \
        mode_t mode = 0;                                                       \
        if (flags & (O_CREAT | O_TMPFILE)) {                                   \
            va_list rest;                                                      \
            va_start(rest, flags);                                             \
            mode = va_arg(rest, mode_t);                                       \
            va_end(rest);                                                      \
        }                                                                      \
        return opened(path, flags, mode);                                      \
    }
OPEN_LIKE(open)
OPEN_LIKE(open64)

int close(int fd) {
    if (ours(fd)) {
        pthread_mutex_lock(&one);
        what[fd] = NONE;
        pthread_mutex_unlock(&one);
    }
    return (int)syscall(SYS_close, fd);
}

static ssize_t put(int fd, const void *bytes, size_t length, off_t at) {
    pthread_mutex_lock(&one);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, length, at);
    int kept = errno;
    if (done > 0) tell(WRITTEN, inode_of[fd], (uint64_t)at, bytes, (uint64_t)done);
    pthread_mutex_unlock(&one);
    errno = kept;
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    if (!ours(fd)) return syscall(SYS_pwrite64, fd, bytes, length, at);
    return put(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return pwrite(fd, bytes, length, at); }

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!ours(fd)) return syscall(SYS_write, fd, bytes, length);
    pthread_mutex_lock(&one);
    int appends = fcntl(fd, F_GETFL) & O_APPEND;
    off_t at = lseek(fd, 0, appends ? SEEK_END : SEEK_CUR);
    ssize_t done = syscall(SYS_write, fd, bytes, length);
    int kept = errno;
    if (done > 0) tell(WRITTEN, inode_of[fd], (uint64_t)at, bytes, (uint64_t)done);
    pthread_mutex_unlock(&one);
    errno = kept;
    return done;
}

static int cut(int fd, off_t length) {
    if (!ours(fd)) return (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&one);
    int done = (int)syscall(SYS_ftruncate, fd, length);
    int kept = errno;
    if (done == 0) tell(CUT, inode_of[fd], (uint64_t)length, NULL, 0);
    pthread_mutex_unlock(&one);
    errno = kept;
    return done;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off_t length) { return cut(fd, length); }

static int synced(int fd, long call) {
    if (!ours(fd)) return (int)syscall(call, fd);
    pthread_mutex_lock(&one);
    tell(what[fd] == FOLDER ? FOLDER_SYNCED : SYNCED, inode_of[fd], 0, NULL, 0);
    pthread_mutex_unlock(&one);
    return 0;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int unlink(const char *path) {
    const char *name = name_in(path);
    if (name == NULL) return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_lock(&one);
    int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    int kept = errno;
    if (done == 0) tell(REMOVED, 0, 0, name, strlen(name));
    pthread_mutex_unlock(&one);
    errno = kept;
    return done;
}

/* What is not told here would be a hole in the log: whoever does it to our files is stopped. */
#define NOT_TOLD(RESULT, NAME, ARGS, CALL, FD)                                 \
    RESULT NAME ARGS {                                                         \
        if (ours(FD)) abort();                                                 \
        return CALL;                                                           \
    }
NOT_TOLD(ssize_t, writev, (int fd, const struct iovec *parts, int count), syscall(SYS_writev, fd, parts, count), fd)
NOT_TOLD(int, fallocate, (int fd, int mode, off_t at, off_t length), (int)syscall(SYS_fallocate, fd, mode, at, length), fd)
NOT_TOLD(int, fallocate64, (int fd, int mode, off_t at, off_t length), (int)syscall(SYS_fallocate, fd, mode, at, length), fd)

int rename(const char *from, const char *to) {
    if (name_in(from) != NULL || name_in(to) != NULL) abort();
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
