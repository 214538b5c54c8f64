/*
 * A disk that forgets: preloaded into every process of the gateway, it keeps beside the data folder an image of what would survive a power
 * cut, and nothing else. A file's bytes enter the image when the file is synced, a folder's names when the folder is synced: a file never
 * synced is empty after the cut, a name whose folder was not synced (created, renamed, linked, removed) is as it was before.
 *
 * The image, in POWER_CUT_IMAGE, has for each file `<key>` with its bytes and for each folder `<key>.names` with a line for each entry:
 *   f|d <key> <mode, octal> <uid> <gid> <name>
 * A key is inode and birth time in nanoseconds: a number that the file system gives out again does not bring old bytes back.
 *
 * Order that matters: a sync returns only once the image holds what it promises, so whatever the caller does next finds it durable. Two
 * syncs of one file exclude each other, or the slower one could put older bytes over newer ones. A process killed in the middle of a copy
 * leaves a mixture of the old and the new blocks, as a disk does; lists of names change at once, as journaling file systems change them.
 * Not intercepted, hence never durable: sync_file_range, msync, sync, syncfs. O_SYNC and O_DSYNC must not be used (PostgreSQL is asked).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

/* Handed on to every program that is started, even with an environment of its own: PostgreSQL is given an empty one. */
static const char *const inherited[] = {
  "LD_PRELOAD", "POWER_CUT_ROOT", "POWER_CUT_IMAGE", "POWER_CUT_FORGETS_FILES", "POWER_CUT_FORGETS_FOLDERS",
};
enum { inherited_count = sizeof inherited / sizeof *inherited };
static char settings[inherited_count][PATH_MAX + 64];

static const char *setting(int which)
{
  const char *value = strchr(settings[which], '=');
  return value && value[1] ? value + 1 : NULL;
}

__attribute__((constructor)) static void read_settings(void)
{
  for (int which = 0; which < inherited_count; which++) {
    const char *value = getenv(inherited[which]);
    if (value) snprintf(settings[which], sizeof *settings, "%s=%s", inherited[which], value);
  }
}

/* A test whose image is incomplete would prove nothing: the process ends, loudly. */
static void must(int is_done, const char *what)
{
  if (is_done) return;
  fprintf(stderr, "power-cut: cannot %s: %s\n", what, strerror(errno));
  abort();
}

static int is_inside(const char *path, const char *folder)
{
  size_t length = folder ? strlen(folder) : 0;
  return length > 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void key_of(const struct statx *file, char key[64])
{
  snprintf(key, 64, "%llu-%llu", (unsigned long long)file->stx_ino,
    (unsigned long long)file->stx_btime.tv_sec * 1000000000ull + file->stx_btime.tv_nsec);
}

/* The image of one file, held by the caller alone until it is closed. */
static int open_image(const char *key)
{
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", setting(2), key);
  int image = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  must(image >= 0, "open an image");
  fchmod(image, 0666); /* gateway and PostgreSQL may run under different accounts */
  while (flock(image, LOCK_EX) != 0) must(errno == EINTR, "lock an image");
  return image;
}

static void copy_file(int source, int image)
{
  char bytes[128 * 1024];
  off_t at = 0;
  for (;;) {
    ssize_t length = pread(source, bytes, sizeof bytes, at);
    if (length < 0 && errno == EINTR) continue;
    must(length >= 0, "read a file");
    if (length == 0) break;
    for (ssize_t done = 0; done < length;) {
      ssize_t written = pwrite(image, bytes + done, length - done, at + done);
      must(written > 0 || errno == EINTR, "write an image");
      if (written > 0) done += written;
    }
    at += length;
  }
  must(ftruncate(image, at) == 0, "cut an image");
}

static void copy_names(int folder, const char *key)
{
  char path[PATH_MAX], unfinished[PATH_MAX + 8];
  snprintf(path, sizeof path, "%s/%s.names", setting(2), key);
  snprintf(unfinished, sizeof unfinished, "%s.new", path);
  unlink(unfinished); /* left by a killed process, perhaps of another account */
  FILE *names = fopen(unfinished, "we");
  DIR *entries = fdopendir(dup(folder));
  must(names && entries, "list a folder");
  for (struct dirent *entry; (entry = readdir(entries));) {
    struct statx found;
    char entry_key[64];
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    /* Removed meanwhile. */
    if (statx(folder, entry->d_name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) continue;
    if (!S_ISREG(found.stx_mode) && !S_ISDIR(found.stx_mode)) continue;
    key_of(&found, entry_key);
    fprintf(names, "%c %s %o %u %u %s\n", S_ISDIR(found.stx_mode) ? 'd' : 'f', entry_key, found.stx_mode & 07777, found.stx_uid,
      found.stx_gid, entry->d_name);
  }
  closedir(entries);
  must(fclose(names) == 0 && rename(unfinished, path) == 0, "keep the names of a folder");
}

static int sync_into_image(int fd, long usual)
{
  char link[64], path[PATH_MAX], key[64];
  struct statx file;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = '\0';
  /* The folder itself belongs to the disk too. */
  if (!is_inside(path, setting(1)) || !setting(2)) return syscall(usual, fd);

  must(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &file) == 0 && file.stx_mask & STATX_BTIME, "identify a file");
  if (is_inside(path, setting(S_ISDIR(file.stx_mode) ? 4 : 3))) return 0;
  key_of(&file, key);
  /* Opened again: the caller's own may be for writing only. */
  int source = open(link, O_RDONLY | O_CLOEXEC);
  must(source >= 0, "open a file again");
  int image = open_image(key);
  if (S_ISDIR(file.stx_mode)) copy_names(source, key);
  else copy_file(source, image);
  close(image);
  close(source);
  return 0;
}

int fsync(int fd)
{
  return sync_into_image(fd, SYS_fsync);
}

int fdatasync(int fd)
{
  return sync_into_image(fd, SYS_fdatasync);
}

int execvp(const char *file, char *const arguments[])
{
  int count = 0;
  while (environ[count]) count++;
  char *with_ours[count + inherited_count + 1], **next = with_ours;
  for (int at = 0; at < count; at++)
    if (strncmp(environ[at], "LD_PRELOAD=", 11) && strncmp(environ[at], "POWER_CUT_", 10)) *next++ = environ[at];
  for (int which = 0; which < inherited_count; which++)
    if (settings[which][0]) *next++ = settings[which];
  *next = NULL;
  return execvpe(file, arguments, with_ours);
}
