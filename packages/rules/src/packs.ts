// Generated from packages/rules/packs by packages/rules/generate-packs.ts. Not edited by hand.

/** The rule files that come with the program: a name that cannot be a path of the user's, and the YAML. */
export const shippedPacks: readonly { readonly file: string; readonly contents: string }[] = [
  {
    file: 'shipped/capacity.yml',
    contents: `# Rules shipped with Plimsoll: hosts that run short of something. Prometheus' rule format; loads into Prometheus as well.
# Every result keeps the host's labels, so that services can be found by any of them.
groups:
  - name: host-cpu
    interval: 30s
    rules:
      - alert: HostCpuExhausted
        expr: 1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > 0.95
        for: 15m
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.instance }} has no processor time left'
          description: 'All processors of {{ $labels.instance }} together have been {{ $value | humanizePercentage }} busy over the last five minutes.'
          runbook: cpu-exhausted
      - alert: HostCpuStolen
        expr: avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="steal"}[5m])) > 0.1
        for: 15m
        labels: { severity: warning, category: performance }
        annotations:
          summary: '{{ $labels.instance }} waits for its hypervisor'
          description: 'The hypervisor withholds {{ $value | humanizePercentage }} of the processor time {{ $labels.instance }} asks for: other guests are served first.'
          runbook: cpu-stolen
      - alert: HostWaitsForStorage
        expr: avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="iowait"}[5m])) > 0.3
        for: 15m
        labels: { severity: warning, category: performance }
        annotations:
          summary: '{{ $labels.instance }} stands still for its disks'
          description: 'Processors of {{ $labels.instance }} idle {{ $value | humanizePercentage }} of their time because data has not come from storage.'
          runbook: disk-saturated
      - alert: HostLoadHigh
        expr: node_load15 / count without (cpu, mode) (node_cpu_seconds_total{mode="idle"}) > 3
        for: 15m
        labels: { severity: warning, category: performance }
        annotations:
          summary: '{{ $labels.instance }} has more work than it can start'
          description: 'On average {{ printf "%.1f" $value }} tasks compete for each processor of {{ $labels.instance }} (load over fifteen minutes).'
          runbook: load-high

  - name: host-memory
    rules:
      - alert: HostMemoryLow
        expr: node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1
        for: 5m
        keep_firing_for: 5m
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.instance }} is short of memory'
          description: 'Programs on {{ $labels.instance }} can still get {{ $value | humanizePercentage }} of its memory before it swaps or kills.'
          runbook: memory-low
      - alert: HostMemoryExhausted
        expr: node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.03
        for: 1m
        keep_firing_for: 5m
        labels: { severity: critical, category: capacity }
        annotations:
          summary: '{{ $labels.instance }} is about to run out of memory'
          description: 'Only {{ $value | humanizePercentage }} of the memory of {{ $labels.instance }} is available: the kernel will soon kill processes.'
          runbook: memory-low
      - alert: HostSwapFull
        expr: node_memory_SwapFree_bytes / node_memory_SwapTotal_bytes < 0.1
        for: 15m
        labels: { severity: warning, category: capacity }
        annotations:
          summary: 'Swap of {{ $labels.instance }} is nearly used up'
          description: '{{ $value | humanizePercentage }} of the swap space of {{ $labels.instance }} is free.'
          runbook: memory-low
      - alert: HostMemoryPressure
        expr: rate(node_pressure_memory_stalled_seconds_total[5m]) > 0.1
        for: 10m
        labels: { severity: warning, category: performance }
        annotations:
          summary: '{{ $labels.instance }} stalls on memory'
          description: 'For {{ $value | humanizePercentage }} of the time nothing on {{ $labels.instance }} could run because memory had to be reclaimed first.'
          runbook: memory-low
      - alert: HostKilledForMemory
        expr: increase(node_vmstat_oom_kill[10m]) > 0
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.instance }} killed a process to get memory'
          description: 'The kernel of {{ $labels.instance }} killed about {{ printf "%.0f" $value }} process(es) within ten minutes for want of memory.'
          runbook: memory-low

  - name: host-filesystem
    rules:
      - alert: HostFilesystemLow
        expr: >-
          node_filesystem_avail_bytes{fstype!~"squashfs|iso9660|erofs|udf|ramfs"} / node_filesystem_size_bytes < 0.15
          and node_filesystem_readonly == 0
        for: 5m
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} is filling up'
          description: '{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} ({{ $labels.device }}, {{ $labels.fstype }}) on {{ $labels.instance }} is free.'
          runbook: filesystem-full
      - alert: HostFilesystemFull
        expr: >-
          node_filesystem_avail_bytes{fstype!~"squashfs|iso9660|erofs|udf|ramfs"} / node_filesystem_size_bytes < 0.05
          and node_filesystem_readonly == 0
        keep_firing_for: 5m
        labels: { severity: critical, category: capacity }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} is nearly full'
          description: 'Only {{ $value | humanizePercentage }} of {{ $labels.mountpoint }} ({{ $labels.device }}, {{ $labels.fstype }}) on {{ $labels.instance }} is free: writes will fail soon.'
          runbook: filesystem-full
      - alert: HostInodesLow
        expr: >-
          node_filesystem_files_free{fstype!~"squashfs|iso9660|erofs|udf|ramfs"} / node_filesystem_files < 0.1
          and node_filesystem_readonly == 0
        for: 5m
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} is short of inodes'
          description: '{{ $value | humanizePercentage }} of the inodes of {{ $labels.mountpoint }} on {{ $labels.instance }} are free; without one no file can be made, whatever space is left.'
          runbook: inodes-exhausted
      - alert: HostInodesExhausted
        expr: >-
          node_filesystem_files_free{fstype!~"squashfs|iso9660|erofs|udf|ramfs"} / node_filesystem_files < 0.03
          and node_filesystem_readonly == 0
        keep_firing_for: 5m
        labels: { severity: critical, category: capacity }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} has hardly an inode left'
          description: 'Only {{ $value | humanizePercentage }} of the inodes of {{ $labels.mountpoint }} on {{ $labels.instance }} are free: no new file can be made soon.'
          runbook: inodes-exhausted

  # These look back for hours: every five minutes is often enough, and all that a large estate can afford.
  - name: host-filesystem-forecast
    interval: 5m
    rules:
      - alert: HostFilesystemFullToday
        expr: >-
          predict_linear(node_filesystem_avail_bytes{fstype!~"squashfs|iso9660|erofs|udf|ramfs|tmpfs"}[6h], 24 * 3600) < 0
          and node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.4
          and node_filesystem_readonly == 0
        for: 1h
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} will be full within a day'
          description: 'Going on as in the last six hours, the free space of {{ $labels.mountpoint }} on {{ $labels.instance }} would be {{ $value | humanize1024 }}B a day from now.'
          runbook: filesystem-full
      - alert: HostFilesystemFullSoon
        expr: >-
          predict_linear(node_filesystem_avail_bytes{fstype!~"squashfs|iso9660|erofs|udf|ramfs|tmpfs"}[1h], 4 * 3600) < 0
          and node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.2
          and node_filesystem_readonly == 0
        for: 15m
        labels: { severity: critical, category: capacity }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} will be full within four hours'
          description: 'Going on as in the last hour, the free space of {{ $labels.mountpoint }} on {{ $labels.instance }} would be {{ $value | humanize1024 }}B four hours from now.'
          runbook: filesystem-full
      - alert: HostInodesExhaustedToday
        expr: >-
          predict_linear(node_filesystem_files_free{fstype!~"squashfs|iso9660|erofs|udf|ramfs|tmpfs"}[6h], 24 * 3600) < 0
          and node_filesystem_files_free / node_filesystem_files < 0.4
          and node_filesystem_readonly == 0
        for: 1h
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} will be out of inodes within a day'
          description: 'If files go on being made on {{ $labels.mountpoint }} of {{ $labels.instance }} as in the last six hours, its inodes will be gone in a day.'
          runbook: inodes-exhausted

  - name: host-disk
    interval: 30s
    rules:
      - alert: HostDiskSaturated
        expr: >-
          rate(node_disk_io_time_seconds_total[5m]) > 0.95
          and rate(node_disk_io_time_weighted_seconds_total[5m]) > 4
        for: 15m
        labels: { severity: warning, category: performance }
        annotations:
          summary: 'Disk {{ $labels.device }} of {{ $labels.instance }} is saturated'
          description: 'Disk {{ $labels.device }} of {{ $labels.instance }} is busy {{ $value | humanizePercentage }} of the time and requests queue up.'
          runbook: disk-saturated
      - alert: HostDiskReadsSlow
        expr: >-
          rate(node_disk_read_time_seconds_total[5m]) / rate(node_disk_reads_completed_total[5m]) > 0.2
          and rate(node_disk_reads_completed_total[5m]) > 1
        for: 10m
        labels: { severity: warning, category: performance }
        annotations:
          summary: 'Reads from {{ $labels.device }} of {{ $labels.instance }} are slow'
          description: 'A read from {{ $labels.device }} of {{ $labels.instance }} takes {{ $value | humanizeDuration }} on average.'
          runbook: disk-saturated
      - alert: HostDiskWritesSlow
        expr: >-
          rate(node_disk_write_time_seconds_total[5m]) / rate(node_disk_writes_completed_total[5m]) > 0.2
          and rate(node_disk_writes_completed_total[5m]) > 1
        for: 10m
        labels: { severity: warning, category: performance }
        annotations:
          summary: 'Writes to {{ $labels.device }} of {{ $labels.instance }} are slow'
          description: 'A write to {{ $labels.device }} of {{ $labels.instance }} takes {{ $value | humanizeDuration }} on average.'
          runbook: disk-saturated

  - name: host-network
    interval: 30s
    rules:
      - alert: HostNetworkReceiveErrors
        expr: rate(node_network_receive_errs_total[5m]) / rate(node_network_receive_packets_total[5m]) > 0.01
        for: 10m
        labels: { severity: warning, category: performance }
        annotations:
          summary: '{{ $labels.device }} of {{ $labels.instance }} receives broken packets'
          description: '{{ $value | humanizePercentage }} of the packets {{ $labels.device }} of {{ $labels.instance }} receives are broken: look at cable, port and driver.'
          runbook: network-errors
      - alert: HostNetworkTransmitErrors
        expr: rate(node_network_transmit_errs_total[5m]) / rate(node_network_transmit_packets_total[5m]) > 0.01
        for: 10m
        labels: { severity: warning, category: performance }
        annotations:
          summary: '{{ $labels.device }} of {{ $labels.instance }} cannot send packets'
          description: '{{ $value | humanizePercentage }} of the packets {{ $labels.device }} of {{ $labels.instance }} wants to send fail: look at cable, port and driver.'
          runbook: network-errors
      - alert: HostNetworkReceiveSaturated
        expr: rate(node_network_receive_bytes_total[5m]) / node_network_speed_bytes > 0.9
        for: 10m
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.device }} of {{ $labels.instance }} receives all it can'
          description: '{{ $labels.device }} of {{ $labels.instance }} receives at {{ $value | humanizePercentage }} of its speed.'
          runbook: network-saturated
      - alert: HostNetworkTransmitSaturated
        expr: rate(node_network_transmit_bytes_total[5m]) / node_network_speed_bytes > 0.9
        for: 10m
        labels: { severity: warning, category: capacity }
        annotations:
          summary: '{{ $labels.device }} of {{ $labels.instance }} sends all it can'
          description: '{{ $labels.device }} of {{ $labels.instance }} sends at {{ $value | humanizePercentage }} of its speed.'
          runbook: network-saturated
`,
  },
  {
    file: 'shipped/availability.yml',
    contents: `# Rules shipped with Plimsoll: hosts that are away, came back or tell the wrong time. Prometheus' rule format; loads into
# Prometheus as well.
groups:
  - name: host-availability
    rules:
      - alert: HostSilent
        # The collector sets this to 0 after three missed collections, so it needs no waiting time of its own.
        expr: up{job="node"} == 0
        labels: { severity: critical, category: availability, outage: 'true' }
        annotations:
          summary: '{{ $labels.instance }} is silent'
          description: 'Nothing has come from {{ $labels.instance }} for three collections: the host, its agent or the network between is down.'
          runbook: host-silent
      - alert: HostRebooted
        # A new boot time alone may be a corrected clock; a short uptime alone a host just added.
        expr: changes(node_boot_time_seconds[30m]) > 0 and time() - node_boot_time_seconds < 900
        labels: { severity: info, category: performance }
        annotations:
          summary: '{{ $labels.instance }} was rebooted'
          description: '{{ $labels.instance }} has started again within the last quarter of an hour.'
          runbook: host-rebooted
      - alert: HostFilesystemReadOnly
        expr: node_filesystem_readonly == 1 and node_filesystem_readonly offset 1h == 0
        labels: { severity: critical, category: availability, outage: 'true' }
        annotations:
          summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} became read-only'
          description: 'The kernel of {{ $labels.instance }} remounted {{ $labels.mountpoint }} ({{ $labels.device }}) read-only within the last hour, as it does after errors of the disk.'
          runbook: filesystem-read-only
      - alert: HostClockOff
        expr: abs(plimsoll_agent_clock_offset_seconds) > 5
        for: 1m
        labels: { severity: warning, category: performance }
        annotations:
          summary: 'The clock of {{ $labels.instance }} is wrong'
          description: 'The clock of {{ $labels.instance }} and that of the collector are {{ $value | humanizeDuration }} apart: its measurements carry wrong times.'
          runbook: clock-off
`,
  },
];
