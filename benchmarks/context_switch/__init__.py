"""What a context switch costs on CISC, RISC and windowed RISC, itemised. `python -m benchmarks.context_switch`, or
`toyos bench context-switch`.

    settings    which machines and kernels are compared
    workloads/  the guest programs; workload.py: their arguments
    moments     which symbols of the kernel divide time into lines of the bill
    recording   one run -> what was counted between the moments
    bill        a recording -> what a system call, a fault, a switch cost, line by line
    experiments, primitives, switchbill, coroutines, ring, sweeps, balance, masked
                which runs there are, and what is read off them -> tables; names: what they are called
    published   what others have measured
    document    docs/context-switch.md
"""
