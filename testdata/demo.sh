#!/bin/sh
# Shows the main task on real input, in a scratch directory with a scratch HOME: an AWS
# credentials file and a .env become one encrypted file, and a command runs with their
# values. Usage: demo.sh PATH-TO-CREDFILE
set -eu
credfile=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
samples=$(cd "$(dirname "$0")" && pwd)/import
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/home" "$scratch/project"
cd "$scratch/project"

show() {
	printf '\n$ %s\n' "$*"
	HOME=$scratch/home PATH=$(dirname "$credfile"):$PATH XDG_CONFIG_HOME= sh -c "$*"
}

show 'git init -q .'
show 'credfile init --name me'
show "credfile import $samples/dotenv/.env"
show "credfile import $samples/aws/credentials"
show "credfile import $samples/aws/config"
show 'credfile list'
show 'credfile recipients'
show 'credfile env -p staging -- sh -c '\''echo "a command sees AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID"'\'
show 'printf %s "a new, plainly fake value" | credfile set STRIPE_API_KEY -'
show 'credfile keygen -o ../ci.txt >/dev/null'
show 'credfile rekey -p staging --add-reader ci=@../ci.pub'
show 'credfile recipients'
show 'CREDFILE_TRUST=$(credfile trust --print -p staging) credfile -i ../ci.txt env -p staging -- sh -c '\''echo "CI reads staging"'\'
show 'git add -A && git -c user.name=me -c user.email=me@example.org commit -qm "credentials, encrypted"'
show 'credfile verify'
printf '\nThe file, each line cut at 100 characters:\n\n'
cut -c1-100 .credentials.age
