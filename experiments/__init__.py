"""What is asked of solvers, and how: questions, and the lab that runs them.

The catalogue is a table to read; nothing is imported before it is used.

>>> TABLE["conditioning"].place
'experiments.questions.conditioning'
"""

from experiments.questions import TABLE as TABLE
