#!/bin/sh
# Unpacks ./debs/*.deb into ./tree and makes the programs in it run, by way of ./wrappers, with the tree's own
# libraries.
set -eu

# What came out of each package: files/<name>, for images, which say what they are made of.
mkdir files
# Packages for a merged /usr and older ones meet in one folder, as on an installed system.
mkdir -p tree/usr/bin tree/usr/sbin tree/usr/lib tree/usr/lib64 bin
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "tree/$folder"; done

unpack() {
  dpkg-deb --fsys-tarfile "$1" | tar --extract --verbose --directory=tree --keep-directory-symlink --no-same-owner \
    --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
    --exclude='./usr/share/lintian' --exclude='./usr/share/bug' --exclude='./usr/share/info' \
    --exclude='./usr/share/perl5' --exclude='./usr/src/googletest/*/test' --exclude='./var' --exclude='./lib/systemd' \
    --exclude='./usr/lib/systemd' --exclude='./usr/lib/postgresql/15/lib/bitcode' \
    --exclude='./usr/lib/llvm-19/lib/clang/19/lib/linux/*i386*' --exclude='*_static.a' --exclude='*hwasan*' \
    --exclude='*_pic.a' --exclude='./usr/lib/x86_64-linux-gnu/lib*_g.a' --exclude='./usr/share/postgresql/15/man' \
    >"files/$(basename "$1" .deb)"
}
# Alternate packages between two processes: xz is what takes the time.
ls debs/*.deb >debs/all
( awk 'NR % 2 == 0' debs/all | while read -r deb; do unpack "$deb" || touch debs/failed; done ) &
awk 'NR % 2 == 1' debs/all | while read -r deb; do unpack "$deb" || touch debs/failed; done
wait
if [ -e debs/failed ]; then echo "a package could not be unpacked" >&2; exit 1; fi

# Absolute links would lead out of the tree.
find tree -type l -lname '/*' | while read -r link; do
  target=$(readlink "$link")
  up=$(dirname "${link#tree/}" | sed -E 's|[^/]+|..|g')
  ln -sfn "$up$target" "$link"
done

# Debian's Abseil has a string_view of its own, which converts neither to nor from the standard one that C++20 code
# speaks: StrCat(std::string_view) does not compile. Inline conversions mend that; no layout or symbol changes.
strings=tree/usr/include/absl/strings
sed -i \
  -e 's|^#include <string>$|&\n#include <string_view>|' \
  -e 's|^  // NOTE: Harmlessly omitted to work around gdb bug.$|  constexpr string_view(std::basic_string_view<char> view) noexcept : string_view(view.data(), view.size()) {}\n  constexpr operator std::basic_string_view<char>() const noexcept { return {ptr_, length_}; }\n\n&|' \
  $strings/string_view.h
sed -i 's|^  AlphaNum(absl::string_view pc) .*|&\n  AlphaNum(std::basic_string_view<char> view) : piece_(view) {}|' $strings/str_cat.h
sed -i 's|^  ConvertibleToStringView(const char\* s) .*|  ConvertibleToStringView(std::basic_string_view<char> s) : value_(s) {}\n&|' \
  $strings/internal/str_split_internal.h
for header in string_view.h str_cat.h internal/str_split_internal.h; do
  grep -q 'std::basic_string_view<char>' "$strings/$header" || { echo "$header: not as expected" >&2; exit 1; }
done

# A program moves to NAME.real; in its place, and in bin/, stands the launcher.
wrap() {
  wrapper=$1
  shift
  for program in "$@"; do
    real=$(readlink -f "tree/$program")
    if [ ! -e "$real.real" ]; then
      mv "$real" "$real.real"
      cp "wrappers/$wrapper" "$real"
      chmod 755 "$real"
    fi
    ln -sfn "../tree/$program" "bin/$(basename "$program" -19)"
  done
}
llvm=usr/lib/llvm-19/bin
wrap clang.sh $llvm/clang $llvm/clang++
wrap launch.sh $llvm/lld $llvm/llvm-ar $llvm/llvm-nm $llvm/llvm-objcopy $llvm/llvm-objdump $llvm/llvm-symbolizer \
  $llvm/llvm-profdata $llvm/llvm-cov $llvm/clang-format \
  usr/bin/grpc_cpp_plugin usr/bin/redis-server usr/bin/redis-cli
wrap clang-tidy.sh $llvm/clang-tidy
wrap protoc.sh usr/bin/protoc
for name in ld.lld llvm-strip llvm-ranlib; do ln -sfn "../tree/$llvm/$name" "bin/$name"; done
# The rest of LLVM's programs is a fifth of the tree.
find tree/$llvm -type f -size +64k ! -name '*.real' -delete

postgres=usr/lib/postgresql/15/bin
wrap launch.sh $postgres/psql $postgres/pg_dump $postgres/pg_isready $postgres/pgbench
wrap postgres.sh $postgres/postgres $postgres/initdb $postgres/pg_ctl
# What update-ca-certificates would write.
mkdir -p tree/etc/ssl/certs
cat tree/usr/share/ca-certificates/mozilla/*.crt >tree/etc/ssl/certs/ca-certificates.crt

for name in run run_sanitized; do
  cp "wrappers/$name.sh" "bin/$name"
  chmod 755 "bin/$name"
done


# For run_sanitized: the shared libraries but for libc's own, which belong to the loader they come with.
mkdir libraries
for library in tree/usr/lib/x86_64-linux-gnu/*.so.*; do
  case ${library##*/} in
    ld-linux* | libc.so* | libm.so* | libmvec.so* | libdl.so* | libpthread.so* | librt.so* | libresolv.so* | \
      libutil.so* | libanl.so* | libnss_* | libthread_db.so* | libBrokenLocale.so*) ;;
    *) ln -s "../$library" libraries/ ;;
  esac
done
