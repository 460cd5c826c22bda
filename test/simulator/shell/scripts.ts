/** Scripts that people really send to read instance credentials, good and bad. */
export const scripts = {
  imdsv1: 'curl http://169.254.169.254/latest/meta-data/iam/security-credentials/web-app',

  imdsv2Backquotes: `TOKEN=\`curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"\` \\
&& curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/iam/security-credentials/web-app`,

  listing: `ROLE=$(curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/); echo "role: \${ROLE:-none}"`,

  grepForKey: `curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/web-app | grep AccessKeyId | cut -d '"' -f 4`,

  compare: `NEW=$(curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/web-app | grep -o '"AccessKeyId" : "[^"]*"' | cut -d'"' -f4)
if [ "$NEW" != ASIASTOLENSTOLENSTOL ]; then
  echo "rotated: $NEW"
else
  echo "not rotated"
  exit 1
fi`,

  filtered: `set -eu
B=http://169.254.169.254
ROLE=web-app
T=$(curl -sS -f -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$B/latest/api/token")
curl -sS -f -m 5 --max-filesize 65536 -H "X-aws-ec2-metadata-token: $T" "$B/latest/meta-data/iam/security-credentials/$ROLE" | head -c 65536 | tr ',{}' '\\n\\n\\n' | sed -n -e 's/^.*"\\(AccessKeyId\\)"[[:space:]]*:[[:space:]]*"\\([A-Z0-9]\\{16,128\\}\\)".*$/\\1=\\2/p' -e 's/^.*"\\(LastUpdated\\)"[[:space:]]*:[[:space:]]*"\\([0-9TZ:.-]\\{20,30\\}\\)".*$/\\1=\\2/p' -e 's/^.*"\\(Expiration\\)"[[:space:]]*:[[:space:]]*"\\([0-9TZ:.-]\\{20,30\\}\\)".*$/\\1=\\2/p'`,

  guarded: `T=$(curl -sS -f -m 3 -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60') || { echo IMDS_TOKEN_FAILED; exit 10; }
R=$(curl -sS -f -m 3 -H "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/iam/security-credentials/ | head -n1)
[ -n "$R" ] || { echo NO_ROLE; exit 12; }
curl -sS -f -m 3 -H "X-aws-ec2-metadata-token: $T" "http://169.254.169.254/latest/meta-data/iam/security-credentials/$R" \\
 | tr ',' '\\n' | sed -n 's/^[ {]*"\\(Code\\|LastUpdated\\|AccessKeyId\\|Expiration\\)" *: *"\\([^"]*\\)".*/\\1=\\2/p'
echo "Role=$R"`,
} as const

/** Snippets of shell and filters whose meaning POSIX fixes, or GNU and busybox share. */
export const snippets: readonly string[] = [
  // words
  `A=1; B="$A  2" C='$A'; echo "$A|$B|$C|\${B}x" $B`,
  `A='a b  c'; printf '<%s>' $A "$A" x"$A"y x\${A}y; echo`,
  `E=; printf '<%s>' $E "$E" "" a$E; echo`,
  `printf '<%s>' \${N:-d e} "\${N:-d e}" \${N:-"d e"} "\${N-}" \${N+set}; echo`,
  `N=; echo "\${N:-empty} \${N-unset} \${N+set} \${N:+full}"; N=x; echo "\${N:+full} \${#N}"`,
  `echo "a\\"b\\$c" a\\ b 'it'"'"'s' "\\x" # a comment
echo a#b; echo \\# c`,
  `echo one \\
  two; A=1\\
2; echo "$A"`,
  `echo "$(echo "in $(echo deep) (still)")" \`echo back \\\`echo deeper\\\`\``,
  `A=$(printf 'x\\n\\n\\n'); echo "[$A]"; echo [$(printf ' a  b ')]`,
  `A=1; A=2 true; echo $A; (A=3; echo $A); echo $A; { A=4; }; echo $A`,
  `A=1; echo x | A=2; echo $A; B=$(A=3; echo $A); echo $A $B`,
  `echo a;echo b
 echo c   ;   echo d`,
  `echo fi then else; echo } {x`,
  // exit codes
  `false; echo $?; true; echo $?; (exit 7); echo $?; A=$(exit 3); echo $? $A; ! true; echo $?; ! false; echo $?`,
  `nosuchcommand a b 2>/dev/null; echo $?`,
  `exit 300`,
  `(echo a; exit 4; echo b); echo $?; exit 5; echo never`,
  `false | true; echo $?; true | false; echo $?`,
  `{ echo a; exit 6; } | cat; echo "still $?"`,
  // lists
  `true && echo a || echo b; false && echo a || echo b; false || false || echo c; true || echo d && echo e`,
  `true &&
  echo joined |

  cat`,
  `if false; then echo a; elif [ 1 -eq 1 ]; then echo b; else echo c; fi`,
  `if false; then echo a; fi; echo $?; if ! grep -q x </dev/null; then echo none; fi`,
  `if [ a = b ]
then
  echo yes
else
  if true; then echo nested; fi
fi`,
  // set -e and set -u
  `set -e; false; echo never`,
  `set -e; false || true; if false; then :; fi; ! true; false && true; echo still; A=$(false); echo never`,
  `set -e; { false; echo group; } || echo other; (false; echo sub) || echo failed; { false; }; echo never`,
  `set -e; echo "$(false; echo in)"; false | true; true | false; echo never`,
  `set -eu; A=1; echo \${A} \${B:-b}; echo $B; echo never`,
  `(set -u; echo $NOPE) 2>/dev/null; echo $?; set -u; set +u; echo "[$NOPE]"`,
  `set -e; set +e; false; echo $?`,
  `: \${A:?} 2>/dev/null; echo never`,
  // tests
  `for_=1; [ -n "$for_" ] && [ -z "" ] && [ a != b ] && [ 2 -gt 1 ] && [ 1 -lt 2 ] && [ 1 -ne 2 ] && echo all`,
  `[ ]; echo $?; [ x ]; echo $?; [ "" ]; echo $?; [ ! x ]; echo $?; [ ! = ! ]; echo $?; [ -n ]; echo $?; test a = a; echo $?`,
  `[ a -eq 1 ] 2>/dev/null || echo bad; [ a 2>/dev/null || echo open; [ -f nosuchfile ]; echo $?; [ ! -e nosuchfile ]; echo $?`,
  // redirections
  `echo gone >/dev/null; echo err >&2; echo kept 2>/dev/null; { echo out; echo err >&2; } 2>&1 | tr a-z A-Z`,
  `{ echo out; echo err >&2; } 2>&1 >/dev/null | cat; cat </dev/null; echo $?`,
  // printing
  `echo -n a; echo b; echo; echo '' ; echo "  c  "`,
  `printf '%s-%s\\n' a b c; printf 'x\\ty\\n'; printf '%d %d\\n' 5 -7; printf '100%%\\n'; printf '\\101\\n'; printf '%s'; printf 'none\\n' a b`,
  // filters
  `printf '1\\n2\\n3\\n4\\n' | head -n 2; printf '1\\n2\\n3' | tail -n 2; echo; printf '1\\n2\\n3\\n' | head -1; printf '1\\n2\\n3\\n' | tail -n +2; printf abcdef | head -c 3`,
  `echo 'a,b{c}' | tr ',{}' '\\n\\n\\n'; echo hello | tr a-y b-z; echo hello | tr -d 'l\\n'; echo HeLLo | tr '[:upper:]' '[:lower:]'; echo abc | tr abc x`,
  `echo 'a  b   c' | tr -s ' '; echo 'a1b2' | tr -cd '0-9'; echo; echo 'a\\\\b' | tr -d '\\\\'`,
  `echo 'a:b:c:d' | cut -d: -f2; echo 'a:b:c:d' | cut -d ':' -f 1,3-; echo nodelimiter | cut -d: -f2; printf 'a\\tb\\n' | cut -f2; echo abcdef | cut -c 2-3; echo abc | cut -d: -f -2`,
  `echo foo | grep -q o && echo found; echo foo | grep -c o; echo foo | grep x; echo $?; printf 'a\\nb\\nc\\n' | grep -v b; echo FOO | grep -i foo; printf 'ab12cd345' | grep -oE '[0-9]+'`,
  `echo '"AccessKeyId" : "ASIA1"' | grep -o '"[^"]*"'; printf 'aab\\n' | grep -oE 'a|aa|aab'; echo 'a.b' | grep -o 'a\\.b'; printf 'x\\ny\\n' | grep -c .`,
  `echo abab | grep -oE '(ab){2}'; echo 'a+b' | grep -o 'a+'; echo aab | grep -o 'a*\\(ab\\)*'; echo '*a' | grep '*a'; echo 'ab**' | grep -o 'b*\\**'; printf 'a\\nB\\n' | grep -ic '[a-b]'`,
  `echo foo | sed 's/o/0/'; echo foo | sed 's/o/0/g'; echo foo | sed -n 's/x/y/p'; echo foo | sed 's/f\\(o\\)\\(o\\)/\\2-\\1-&/'; echo a/b | sed 's|/|:|;s/b/c/'`,
  `printf 'a\\nb\\nc\\n' | sed -n '/b/p'; printf 'a\\nb\\nc\\n' | sed '/b/d'; printf 'a\\nb\\nc\\n' | sed -n '2p'; printf 'a\\nb\\nc\\n' | sed '$d'; printf 'a\\nb\\n' | sed 1q; printf 'a\\nb\\n' | sed -n '/a/!p'`,
  `printf 'no newline' | sed 's/ /\\n/'; echo; echo aaa | sed 's/a*/x/g'; echo baac | sed 's/a*/x/g'; echo abc | sed 's/x*/-/g'; echo 'a b' | sed -e 's/a/1/' -e 's/b/2/'`,
  `echo ' k = v ' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//'; echo 'a$b^c' | sed 's/$b^/_/'; echo '[x]' | sed 's/[][]/|/g'; echo aXb | sed -E 's/(a)(X|Y)?(b)/\\3\\2\\1/'`,
  // errors while reading
  `echo before
fi
echo never`,
  `echo before; echo 'unterminated`,
  `if true; then echo a`,
  `echo a && | b`,
  `echo $(echo a`,
]
