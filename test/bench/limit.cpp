// The limit: unpacks CloudTrail files and finds the bytes of a key and of a role in them. It parses nothing and answers nothing.
// usage: limit FOLDER THREADS KEY ROLE. Prints how often it found the key and the role; writes CPU and memory to the file BENCH_USED.
#include <sys/resource.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>
#ifdef WITH_LIBDEFLATE
#include <libdeflate.h>
#else
#include <zlib.h>
#endif

using Bytes = std::vector<char>;

// The size that gzip notes at the end of a file.
static size_t unpacked_size(const Bytes& packed, size_t size) {
  uint32_t noted = 0;
  std::memcpy(&noted, packed.data() + size - 4, 4);
  return noted;
}

#ifdef WITH_LIBDEFLATE
class Unpacker {
  libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();

 public:
  ~Unpacker() { libdeflate_free_decompressor(decompressor); }
  bool unpack(const Bytes& packed, size_t size, Bytes& out, size_t expected) {
    size_t got = 0;
    return libdeflate_gzip_decompress(decompressor, packed.data(), size, out.data(), expected, &got) == LIBDEFLATE_SUCCESS;
  }
};
#else
class Unpacker {
 public:
  bool unpack(const Bytes& packed, size_t size, Bytes& out, size_t expected) {
    z_stream stream{};
    if (inflateInit2(&stream, 31) != Z_OK) return false;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(size);
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(expected);
    const int ended = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    return ended == Z_STREAM_END;
  }
};
#endif

static long occurrences(const char* at, size_t size, const std::string& term) {
  long found = 0;
  const char* end = at + size;
  while ((at = static_cast<const char*>(memmem(at, end - at, term.data(), term.size())))) {
    found++;
    at += term.size();
  }
  return found;
}

static void write_used() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  double megabytes = used.ru_maxrss / 1024.0;
  // Linux counts in what the parent had when it forked, except here.
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) megabytes = std::stod(line.substr(6)) / 1024;
  if (const char* file = std::getenv("BENCH_USED")) std::ofstream(file) << cpu << ' ' << megabytes;
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string key = std::string("\"") + argv[3] + '"', role = std::string("\"") + argv[4] + '"';
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
  std::atomic<size_t> next{0};
  std::atomic<long> keys{0}, roles{0}, unreadable{0};
  const auto work = [&] {
    Unpacker unpacker;
    Bytes packed, out;
    for (size_t at; (at = next++) < files.size();) {
      std::ifstream file(files[at], std::ios::binary | std::ios::ate);
      const size_t size = static_cast<size_t>(file.tellg());
      if (packed.size() < size) packed.resize(size);
      file.seekg(0).read(packed.data(), static_cast<std::streamsize>(size));
      const size_t expected = unpacked_size(packed, size);
      if (out.size() < expected) out.resize(expected);
      if (!unpacker.unpack(packed, size, out, expected)) unreadable++;
      keys += occurrences(out.data(), expected, key);
      roles += occurrences(out.data(), expected, role);
    }
  };
  std::vector<std::thread> threads;
  for (int count = std::atoi(argv[2]); count > 0; count--) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  write_used();
  std::cout << "{\"keyCalls\":" << keys << ",\"roleCalls\":" << roles << "}\n";
  return unreadable == 0 ? 0 : 1;
}
