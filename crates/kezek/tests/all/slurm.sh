# A Slurm of one node and of one's own, on two ports of loopback: says in which folder, runs until stdin ends, and leaves
# nothing behind. Its node says that it has six processors, so that three tasks of two run side by side anywhere.
set -eu
controller=$1 node=$2
PATH=$PATH:/usr/sbin:/sbin
home=$(mktemp -d /tmp/kezek-slurm-XXXXXX)
# munged wants others to reach its socket; keys and states are closed on their own.
chmod 755 "$home"
cd "$home"
host=$(uname -n)
host=${host%%.*}
user=$(id -un)
mkdir -m 700 state spool
(umask 077 && head -c 128 /dev/urandom >munge.key)
cat >slurm.conf <<CONF
ClusterName=kezek
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$node
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$home/munge.socket
StateSaveLocation=$home/state
SlurmdSpoolDir=$home/spool
SlurmctldPidFile=$home/slurmctld.pid
SlurmdPidFile=$home/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
MpiDefault=none
MailProg=/bin/true
NodeName=$host NodeAddr=127.0.0.1 CPUs=6
PartitionName=all Nodes=$host Default=YES
CONF
export SLURM_CONF="$home/slurm.conf"

# Until a command succeeds, for twenty seconds.
until_it() {
    left=200
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.1
    done
}
is_idle() { [ "$(timeout 5 sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }
has_no_jobs() { [ -z "$(timeout 5 squeue --noheader 2>/dev/null)" ]; }

daemons=
# A daemon that does not end when it is told to is killed, and none outlives a quarter of an hour.
begin() {
    name=$1
    timeout --kill-after=5 900 "$@" </dev/null >"$name.log" 2>&1 &
    daemons="$daemons $!"
}
ended() {
    timeout 5 scancel --user="$user" 2>/dev/null && until_it has_no_jobs || true
    kill $daemons 2>/dev/null || true
    wait
    rm -rf "$home"
}
failed() {
    tail -n 50 ./*.log >&2
    exit 1
}
trap ended EXIT
trap '' INT TERM
begin munged --foreground --key-file="$home/munge.key" --socket="$home/munge.socket" --pid-file="$home/munge.pid" \
    --seed-file="$home/munge.seed"
until_it test -S munge.socket || failed
begin slurmctld -D
begin slurmd -D
until_it is_idle || failed
echo "$home"
cat >/dev/null
